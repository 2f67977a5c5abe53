package dev.upshift.lab;

import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.fleet.ApiApp;
import dev.upshift.lab.fleet.FleetProcess;
import dev.upshift.lab.fleet.Visitors;
import dev.upshift.lab.fleet.WebApp;
import dev.upshift.lab.fleet.Worker;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The applications of the lab: the fleets, with a hosts file each, behind {@link LabBalancer}, and
 * the visitors. Where application servers are hosts of their own, their processes run there; all
 * hosts see the lab's folder and this program. Visitors come from this machine.
 */
final class Applications {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final String SHARED_ARCHIVE = "-XX:SharedArchiveFile=";

  /** On a busy machine eight JVMs that start at once take longer than the script's usual 20 s. */
  private static final String PATIENT_START = "start-seconds=60\n";

  private static final Duration START_LIMIT = Duration.ofSeconds(70);

  private final LabPlan plan;
  private final FleetDatabases databases;
  private final LabBalancer balancer;
  private final Host here = new LocalHost("this machine", Witness.NONE);

  Applications(LabPlan plan) {
    this.plan = plan;
    this.databases = new FleetDatabases(plan);
    this.balancer = new LabBalancer(plan);
  }

  /** Writes everything they read. */
  void configure() {
    var folder = plan.folder();
    here.makeFolder(folder.fleet());
    here.replaceText(folder.script(), FleetProcess.script());
    LabPlan.fleet().forEach(server -> here.makeFolder(folder.fleet().resolve(server)));
    var tasks = new ArrayList<Runnable>();
    LabPlan.fleet().forEach(server -> tasks.add(() -> databases.write(server)));
    tasks.add(balancer::configure);
    Together.run(tasks);
    var addresses = plan.addresses();
    LabPlan.WEB.forEach(
        server -> conf(server, WebApp.class, online(server, addresses.web(server))));
    LabPlan.API.forEach(
        server -> conf(server, ApiApp.class, online(server, addresses.api(server))));
    LabPlan.WORKERS.forEach(server -> conf(server, Worker.class, worker(server, "ingest")));
    conf(LabPlan.LOGIN, Worker.class, worker(LabPlan.LOGIN, "login-mails"));
  }

  private List<String> online(String server, String address) {
    return joined(
        List.of("--listen", address + ":" + plan.addresses().httpPort()), databases.both(server));
  }

  private List<String> worker(String server, String kind) {
    return joined(
        List.of(
            "--kind",
            kind,
            "--podcasts",
            Integer.toString(plan.scale()),
            "--stats-file",
            plan.folder().totals(server).toString()),
        databases.writing(server));
  }

  private static List<String> joined(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private void conf(String server, Class<?> main, List<String> arguments) {
    var all =
        joined(
            arguments,
            List.of(
                "--port",
                Integer.toString(plan.addresses().port()),
                "--passfile",
                plan.folder().passfile().toString()));
    conf(server, hosts(server), main, all);
  }

  /** What stands for a machine's own hosts file; a host of its own has the real one. */
  private Optional<Path> hosts(String server) {
    return plan.machines().areSeparate()
        ? Optional.empty()
        : Optional.of(plan.folder().hosts(server));
  }

  private void conf(String name, Optional<Path> hosts, Class<?> main, List<String> arguments) {
    var process = new FleetProcess(JAVA, classPath(), hosts, sharedArchive(), main, arguments);
    here.replaceText(plan.folder().conf(name), process.conf() + PATIENT_START);
  }

  /** Our own, from the root on: the processes stand in another folder. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Optional<Path> sharedArchive() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith(SHARED_ARCHIVE))
        .map(argument -> Path.of(argument.substring(SHARED_ARCHIVE.length())).toAbsolutePath())
        .findFirst();
  }

  /** Starts HAProxy and the fleets, and waits until the site answers. */
  void start(Path haproxy, Progress progress) {
    var tasks = new ArrayList<Runnable>();
    tasks.add(() -> balancer.start(haproxy));
    LabPlan.fleet().forEach(server -> tasks.add(() -> start(server)));
    progress.at("starting the fleets", 0, 1);
    Together.run(tasks);
    balancer.awaitAnswers();
    progress.at("starting the fleets", 1, 1);
  }

  private void start(String process) {
    host(process)
        .run(Command.of("sh", plan.folder().script(), "start", process).within(START_LIMIT));
  }

  /** Where a process of the fleets is, by its name. */
  private Host host(String process) {
    return process.equals(LabPlan.VISITORS) ? here : plan.machines().host(process);
  }

  /** Lets visitors come. */
  void startVisitors(VisitorRates rates) {
    var addresses = plan.addresses();
    var name = LabPlan.VISITORS;
    here.makeFolder(plan.folder().fleet().resolve(name));
    var arguments =
        List.of(
            "--site", LabBalancer.address(addresses.site()),
            "--api", LabBalancer.address(addresses.programs()),
            "--podcasts", Integer.toString(plan.scale()),
            "--pages", Double.toString(rates.pages()),
            "--searches", Double.toString(rates.searches()),
            "--api-reads", Double.toString(rates.apiReads()),
            "--playlists", Double.toString(rates.playlists()),
            "--clips", Double.toString(rates.clips()),
            "--logins", Double.toString(rates.logins()),
            "--out", plan.folder().totals(name).toString());
    conf(name, Optional.empty(), Visitors.class, arguments);
    start(name);
  }

  /** Whether a process of the fleets runs, by its name. */
  boolean runs(String process) {
    return here.exists(plan.folder().conf(process))
        && host(process).ask(Command.of("sh", plan.folder().script(), "status", process)).exit()
            == 0;
  }
}
