package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.postgres.PgServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Tries from every machine that clients will come from whether it gets through to the server that
 * will serve: a firewall that lets nobody through to it would else be found when everybody waits.
 * The server still turns every client away; that it has the same roles, passwords and lines of
 * pg_hba.conf as the one that is left, it was made with and is compared besides.
 *
 * @param clients the machines: poolers, and application servers that have the names themselves
 */
public record TryConnections(PgServer serving, List<Host> clients)
    implements Reversible<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** Bash opens a socket by itself (its manual, "Redirections"); no other program is sure there. */
  private static final String CONNECT = "exec 3<>\"/dev/tcp/$1/$2\"";

  @Override
  public String title() {
    return "Try from "
        + String.join(", ", clients.stream().map(Host::name).distinct().toList())
        + " whether "
        + serving.label()
        + " can be reached";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var failed =
        clients.parallelStream()
            .map(host -> Map.entry(host.name(), tried(host)))
            .filter(tried -> !tried.getValue().isEmpty())
            .map(tried -> tried.getKey() + ": " + tried.getValue())
            .toList();
    if (!failed.isEmpty()) {
      // Not that something prepared is gone: it stays, and is looked at again.
      throw new WorldError(
          serving.name(),
          serving.address()
              + ":"
              + serving.port()
              + " cannot be reached from "
              + String.join("; ", failed),
          "let them through the firewalls in between, then: upshift resume");
    }
    return Verdict.ok();
  }

  /** What was said, if it does not get through. */
  private String tried(Host host) {
    var connect =
        Command.of("timeout", LIMIT.toSeconds(), "bash", "-c", CONNECT, "bash")
            .with(serving.address(), serving.port())
            .within(LIMIT.plusSeconds(5));
    var output = host.ask(connect);
    return output.ok()
        ? ""
        : output.exit() == 124
            ? "no answer within " + LIMIT.toSeconds() + " s"
            : said(output.err());
  }

  private static String said(String err) {
    return err.lines().filter(line -> !line.isBlank()).findFirst().orElse("it said nothing");
  }

  /** Nothing was done. */
  @Override
  public void undo(Nothing before) {}
}
