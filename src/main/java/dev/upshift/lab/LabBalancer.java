package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.JobState;
import dev.upshift.lab.fleet.HaProxyConfig;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** HAProxy before the online fleet; where servers have hosts of their own, it has one, too. */
final class LabBalancer {
  private static final Duration START_LIMIT = Duration.ofSeconds(70);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** The place of a server's status within a line. */
  private static final int STATUS = 17;

  private final LabPlan plan;

  LabBalancer(LabPlan plan) {
    this.plan = plan;
  }

  private Host host() {
    return plan.machines().host(LabPlan.BALANCER);
  }

  /** Writes what it reads. */
  void configure() {
    var host = host();
    host.makeFolder(plan.folder().balancer());
    host.makeFolder(Objects.requireNonNull(plan.balancerSocket().getParent()));
    host.replaceText(plan.folder().balancerConf(), configuration().text());
  }

  private HaProxyConfig configuration() {
    var addresses = plan.addresses();
    boolean root = "root".equals(System.getProperty("user.name"));
    return new HaProxyConfig(
        plan.balancerSocket(),
        addresses.site(),
        addresses.programs(),
        servers(LabPlan.WEB, addresses::web),
        servers(LabPlan.API, addresses::api),
        root
            ? Optional.of(new HaProxyConfig.Account(plan.osUser(), OsAccount.group(plan.osUser())))
            : Optional.empty());
  }

  private List<HaProxyConfig.Server> servers(List<String> names, UnaryOperator<String> address) {
    int port = plan.addresses().httpPort();
    return names.stream()
        .map(name ->
            new HaProxyConfig.Server(
                name, InetSocketAddress.createUnresolved(address.apply(name), port)))
        .toList();
  }

  /** Starts it, whether or not there is a fleet yet. */
  void start(Path haproxy) {
    host()
        .launch(
            plan.folder().balancerJob(),
            Command.of(HaProxyConfig.command(haproxy, plan.folder().balancerConf())));
  }

  /** Whether it runs. */
  boolean runs() {
    return host().state(plan.folder().balancerJob()) instanceof JobState.Running;
  }

  /** Waits until it has found the whole online fleet, and the site answers. */
  void awaitAnswers() {
    awaitBackends();
    awaitAnswer(address(plan.addresses().site()) + "/");
    awaitAnswer(address(plan.addresses().programs()) + "/api/feed/1");
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
    var host = host();
    if (!host.exists(plan.balancerSocket())) {
      return 0; // it was started a moment ago
    }
    return host.ask(plan.balancerSocket(), "show stat")
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
        LabPlan.BALANCER,
        what + " within " + START_LIMIT.toSeconds() + " s" + said(),
        "see whether the machine is overloaded, then try again");
  }

  /** The folder will be gone when somebody reads this. */
  private String said() {
    var lines =
        host().readText(plan.folder().balancerJob().resolve("out")).orElse("").lines().toList();
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
}
