package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.fleet.ApiApp;
import dev.upshift.lab.fleet.FleetProcess;
import dev.upshift.lab.fleet.HaProxyConfig;
import dev.upshift.lab.fleet.Visitors;
import dev.upshift.lab.fleet.WebApp;
import dev.upshift.lab.fleet.Worker;
import dev.upshift.time.Deadline;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The applications of the lab: HAProxy, the fleets with a hosts file each, the visitors. */
final class Applications {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final String SHARED_ARCHIVE = "-XX:SharedArchiveFile=";

  /** On a busy machine eight JVMs that start at once take longer than the script's usual 20 s. */
  private static final String PATIENT_START = "start-seconds=60\n";

  private static final Duration START_LIMIT = Duration.ofSeconds(70);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** The place of a server's status within a line. */
  private static final int STATUS = 17;

  private final LabPlan plan;
  private final FleetDatabases databases;
  private final Host host = new LocalHost("this machine", Witness.NONE);

  Applications(LabPlan plan) {
    this.plan = plan;
    this.databases = new FleetDatabases(plan);
  }

  /** Writes everything they read. */
  void configure() {
    var folder = plan.folder();
    host.makeFolder(folder.fleet());
    host.replaceText(folder.script(), FleetProcess.script());
    LabPlan.fleet()
        .forEach(server -> {
          host.makeFolder(folder.fleet().resolve(server));
          host.replaceText(folder.hosts(server), databases.hosts(server));
        });
    var addresses = plan.addresses();
    LabPlan.WEB.forEach(
        server -> conf(server, WebApp.class, online(server, addresses.web(server))));
    LabPlan.API.forEach(
        server -> conf(server, ApiApp.class, online(server, addresses.api(server))));
    LabPlan.WORKERS.forEach(server -> conf(server, Worker.class, worker(server, "ingest")));
    conf(LabPlan.LOGIN, Worker.class, worker(LabPlan.LOGIN, "login-mails"));
    host.makeFolder(folder.balancer());
    host.replaceText(folder.balancerConf(), balancer().text());
  }

  private HaProxyConfig balancer() {
    var addresses = plan.addresses();
    boolean root = "root".equals(System.getProperty("user.name"));
    return new HaProxyConfig(
        plan.folder().balancerSocket(),
        addresses.site(),
        addresses.programs(),
        servers(LabPlan.WEB, addresses::web),
        servers(LabPlan.API, addresses::api),
        root
            ? Optional.of(new HaProxyConfig.Account(plan.osUser(), OsAccount.group(plan.osUser())))
            : Optional.empty());
  }

  private List<HaProxyConfig.Server> servers(List<String> names, Function<String, String> address) {
    int port = plan.addresses().httpPort();
    return names.stream()
        .map(name ->
            new HaProxyConfig.Server(
                name, InetSocketAddress.createUnresolved(address.apply(name), port)))
        .toList();
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
    conf(server, plan.folder().hosts(server), main, all);
  }

  private void conf(String name, Path hosts, Class<?> main, List<String> arguments) {
    var process = new FleetProcess(JAVA, classPath(), hosts, sharedArchive(), main, arguments);
    host.replaceText(plan.folder().conf(name), process.conf() + PATIENT_START);
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
    tasks.add(() -> startBalancer(haproxy));
    LabPlan.fleet().forEach(server -> tasks.add(() -> start(server)));
    progress.at("starting the fleets", 0, 1);
    Together.run(tasks);
    awaitBackends();
    awaitAnswer(address(plan.addresses().site()) + "/");
    awaitAnswer(address(plan.addresses().programs()) + "/api/feed/1");
    progress.at("starting the fleets", 1, 1);
  }

  private void startBalancer(Path haproxy) {
    var folder = plan.folder();
    host.launch(
        folder.balancerJob(), Command.of(HaProxyConfig.command(haproxy, folder.balancerConf())));
  }

  private void start(String process) {
    host.run(Command.of("sh", plan.folder().script(), "start", process).within(START_LIMIT));
  }

  /** Lets visitors come. */
  void startVisitors(VisitorRates rates) {
    var addresses = plan.addresses();
    var name = LabPlan.VISITORS;
    host.makeFolder(plan.folder().fleet().resolve(name));
    var arguments =
        List.of(
            "--site", address(addresses.site()),
            "--api", address(addresses.programs()),
            "--podcasts", Integer.toString(plan.scale()),
            "--pages", Double.toString(rates.pages()),
            "--searches", Double.toString(rates.searches()),
            "--api-reads", Double.toString(rates.apiReads()),
            "--playlists", Double.toString(rates.playlists()),
            "--clips", Double.toString(rates.clips()),
            "--logins", Double.toString(rates.logins()),
            "--out", plan.folder().totals(name).toString());
    conf(name, Path.of("/etc/hosts"), Visitors.class, arguments);
    start(name);
  }

  /** Where a browser would go. */
  static String address(InetSocketAddress address) {
    return "http://" + address.getHostString() + ":" + address.getPort();
  }

  /** A balancer that has seen one server only would send everybody there. */
  private void awaitBackends() {
    int servers = LabPlan.WEB.size() + LabPlan.API.size();
    if (!Deadline.in(START_LIMIT).until(PAUSE, () -> serversUp() == servers)) {
      throw late("HAProxy did not find all " + servers + " servers of the online fleet");
    }
  }

  /** By the column {@code status} of {@code show stat} (management guide, "Statistics"). */
  private long serversUp() {
    if (!host.exists(plan.folder().balancerSocket())) {
      return 0; // it was started a moment ago
    }
    return host.ask(plan.folder().balancerSocket(), "show stat")
        .lines()
        .map(line -> line.split(",", -1))
        .filter(values -> values.length > STATUS && values[STATUS].startsWith("UP"))
        .filter(values -> !values[1].equals("BACKEND"))
        .count();
  }

  private void awaitAnswer(String page) {
    if (!Deadline.in(START_LIMIT).until(PAUSE, () -> status(page) == 200)) {
      throw late(page + " did not answer");
    }
  }

  private WorldError late(String what) {
    return new WorldError(
        "lb1",
        what + " within " + START_LIMIT.toSeconds() + " s" + said(),
        "see whether the machine is overloaded, then try again");
  }

  /** The folder will be gone when somebody reads this. */
  private String said() {
    var lines =
        host.readText(plan.folder().balancerJob().resolve("out")).orElse("").lines().toList();
    return lines.isEmpty()
        ? ""
        : ":\n  " + String.join("\n  ", lines.subList(Math.max(0, lines.size() - 4), lines.size()));
  }

  /** The status of the answer; 0 while nobody answers. */
  private static int status(String page) {
    try {
      var connection = (HttpURLConnection) URI.create(page).toURL().openConnection();
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(10_000);
      try {
        return connection.getResponseCode();
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return 0;
    }
  }

  /** Whether a process of the fleets runs, by its name. */
  boolean runs(String process) {
    return host.exists(plan.folder().conf(process))
        && host.ask(Command.of("sh", plan.folder().script(), "status", process)).exit() == 0;
  }

  /** Whether HAProxy runs. */
  boolean balancerRuns() {
    return host.state(plan.folder().balancerJob()) instanceof dev.upshift.host.JobState.Running;
  }
}
