package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.postgres.PgServer;
import dev.upshift.traffic.Away;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tries from every machine that clients will come from whether it gets through to the servers that
 * will serve: a firewall that lets nobody through to it would else be found when everybody waits.
 * The primary still turns every client away; whom it will let in, {@link TryLogins} finds out.
 *
 * <p>A machine that is away is named; whether it is needed, the steps find out that need it.
 *
 * @param serving the primary that will serve, and the standbys that names will lead to
 * @param clients the machines: poolers, and application servers that have the names themselves
 * @param mayBeAway those of them that are not asked where they were away a moment ago
 * @param away what is known of machines that cannot be reached
 */
public record TryConnections(
    List<PgServer> serving, List<Host> clients, List<String> mayBeAway, Away away)
    implements Reversible<Nothing, TryConnections.Tried> {

  /** The machines from which it cannot be tried, and why. */
  public record Tried(List<String> untried) {}

  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Bash opens a socket by itself (its manual, "Redirections"); no other program is sure there. */
  private static final String CONNECT = "exec 3<>\"/dev/tcp/$1/$2\"";

  @Override
  public String title() {
    return "Try from "
        + String.join(", ", clients.stream().map(Host::name).distinct().toList())
        + " whether "
        + String.join(", ", serving.stream().map(PgServer::label).toList())
        + " can be reached";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Tried apply(Nothing before) {
    var known = clients.stream().flatMap(host -> known(host).stream());
    var there = clients.stream().filter(host -> known(host).isEmpty()).toList();
    var answers = AtOnce.eachWithin(_ -> PATIENCE, there, TryConnections::hasBash, _ -> {});
    var found =
        answers.entrySet().stream()
            .flatMap(
                one -> why(one.getValue()).map(why -> one.getKey().name() + ": " + why).stream());
    return new Tried(Stream.concat(known, found).distinct().toList());
  }

  private Optional<String> known(Host host) {
    return away.why(host.name())
        .filter(_ -> mayBeAway.contains(host.name()))
        .map(why -> host.name() + ": " + why);
  }

  private static boolean hasBash(Host host) {
    return host.ask(Command.of("sh", "-c", "command -v bash && command -v timeout")).ok();
  }

  private static Optional<String> why(AtOnce.Answer<Boolean> answer) {
    return switch (answer) {
      case AtOnce.Answer.Came<Boolean>(var has) ->
          has ? Optional.empty() : Optional.of("there is no bash");
      case AtOnce.Answer.None<Boolean>(var away) -> Optional.of(away.what());
    };
  }

  @Override
  public Verdict verify(Tried tried) {
    var from =
        clients.stream()
            .filter(host ->
                tried.untried().stream().noneMatch(one -> one.startsWith(host.name() + ": ")))
            .toList();
    for (var server : serving) {
      var failed =
          AtOnce.each(from, host -> Map.entry(host.name(), tried(host, server))).stream()
              .filter(one -> !one.getValue().isEmpty())
              .map(one -> one.getKey() + ": " + one.getValue())
              .toList();
      if (!failed.isEmpty()) {
        // Not that something prepared is gone: it stays, and is looked at again.
        throw new WorldError(
            server.name(),
            server.address()
                + ":"
                + server.port()
                + " cannot be reached from "
                + String.join("; ", failed),
            "let them through the firewalls in between, then: upshift resume");
      }
    }
    return Verdict.ok();
  }

  /** What was said, if it does not get through. */
  private static String tried(Host host, PgServer server) {
    var connect =
        Command.of("timeout", LIMIT.toSeconds(), "bash", "-c", CONNECT, "bash")
            .with(server.address(), server.port())
            .within(LIMIT.plusSeconds(5));
    try {
      var output = host.ask(connect);
      return output.ok()
          ? ""
          : output.exit() == 124
              ? "no answer within " + LIMIT.toSeconds() + " s"
              : said(output.err());
    } catch (WorldError e) {
      return "";
    }
  }

  private static String said(String err) {
    return err.lines().filter(line -> !line.isBlank()).findFirst().orElse("it said nothing");
  }

  /** Nothing was done. */
  @Override
  public void undo(Nothing before) {}
}
