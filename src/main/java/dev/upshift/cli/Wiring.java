package dev.upshift.cli;

import dev.upshift.engine.Gate;
import dev.upshift.failure.InputError;
import dev.upshift.run.Method;
import dev.upshift.run.Upgrade;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What the commands that take a topology share: its file, consent, the gate, where the JSON goes.
 */
final class Wiring {
  private static final Duration LOOK = Duration.ofMillis(200);

  @Parameters(index = "0", paramLabel = "TOPOLOGY", description = "the topology file")
  private Path file = Path.of("");

  @Option(
      names = "--yes",
      description = "ask nothing: consent to what the plan shows, and go at the gate")
  private boolean yes;

  @Option(
      names = "--method",
      description =
          "physical (writes wait for pg_upgrade) or logical (they wait for a blink); default: ${DEFAULT-VALUE}",
      defaultValue = "physical")
  private Method method = Method.PHYSICAL;

  @Option(
      names = "--untested-source",
      description = "go on from a version before 13, from which nobody has tried to upgrade yet")
  private boolean untestedSource;

  @Option(
      names = "--gate-file",
      paramLabel = "FILE",
      description = "wait at the gate until this file appears, instead of asking")
  private Optional<Path> gateFile = Optional.empty();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write the result as JSON ('-': standard output)")
  private Optional<String> json = Optional.empty();

  Topology topology() {
    return TopologyFile.read(file);
  }

  Method method() {
    return method;
  }

  /** The same, with what the operator takes upon himself. */
  Upgrade asAllowed(Upgrade upgrade) {
    return untestedSource ? upgrade.takingUntestedSource() : upgrade;
  }

  Optional<String> json() {
    return json;
  }

  /**
   * Whether the operator consents to work on this cluster: he types its name, or gave --yes.
   *
   * @throws InputError when nobody can be asked
   */
  boolean consents(Console console, Topology topology, String what) {
    if (yes) {
      return true;
    }
    if (!console.hasTerminal()) {
      throw new InputError(
          "nobody can be asked for consent: there is no terminal",
          "look at upshift plan, then say --yes");
    }
    var servers =
        topology.primary().name()
            + " ("
            + topology.oldCluster().version()
            + " -> "
            + topology.newCluster().version()
            + ")";
    var typed =
        console.ask(
            what
                + " the cluster "
                + topology.cluster()
                + ", primary "
                + servers
                + ". Type the cluster's name to go on:");
    return typed.equals(topology.cluster());
  }

  /** A key, a flag file, or --yes. */
  Gate gate(Console console) {
    var who = System.getProperty("user.name");
    if (gateFile.isPresent()) {
      return (_, question) -> {
        console.note("  gate: " + question + " Waiting for the file " + gateFile.get());
        while (!Files.exists(gateFile.get())) {
          dev.upshift.time.Clock.system().sleep(LOOK);
        }
        return Optional.of(new Gate.Go(who, "the file " + gateFile.get()));
      };
    }
    if (yes) {
      return (_, _) -> Optional.of(new Gate.Go(who, "--yes"));
    }
    return (_, question) ->
        console.ask(question + " [go/no]").equals("go")
            ? Optional.of(new Gate.Go(who, "key"))
            : Optional.empty();
  }
}
