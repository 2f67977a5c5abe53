package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.FenceGap;
import dev.upshift.postgres.PgServer;
import dev.upshift.traffic.Poolers;
import dev.upshift.traffic.TriedLogin;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets every pooler log in at the server that will serve, as its clients' users: a password, a
 * certificate or a line of pg_hba.conf that is wrong there would else be found when everybody
 * waits. The server is fenced, so the fence has a gap for the poolers' addresses meanwhile. They
 * lead nobody there yet, and who comes may only read.
 *
 * <p>A first try meets the fence and tells by its words from where the server sees the poolers
 * come, which need not be an address that the topology knows.
 *
 * @param serving the server that will serve
 * @param atServing all names at it
 */
public record TryLogins(Optional<Poolers> poolers, PgServer serving, Map<String, String> atServing)
    implements Reversible<Nothing, TryLogins.Tried> {

  /** How many logins were tried, and which could not be, and why. */
  public record Tried(int logins, List<String> untried) {}

  @Override
  public String title() {
    return poolers.isEmpty()
        ? "Try the poolers' logins: there are no poolers"
        : "Try the poolers' logins at " + serving.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Tried apply(Nothing before) {
    close();
    var tried = poolers.map(this::tried).orElse(List.of());
    var refused = tried.stream().flatMap(login -> login.refusal().stream()).toList();
    if (!refused.isEmpty()) {
      throw new WorldError(
          serving.name(),
          "clients would not get through to " + serving.label() + ": " + String.join("; ", refused),
          "they do get through to where they are led now: compare passwords, pg_hba.conf and"
              + " certificates of the two servers, then: upshift resume");
    }
    var untried = tried.stream().flatMap(login -> login.unknown().stream()).toList();
    return new Tried(tried.size() - untried.size(), untried);
  }

  private List<TriedLogin> tried(Poolers all) {
    var atFence = all.tryLogins(atServing);
    var from = atFence.stream().flatMap(login -> login.refusedFrom().stream()).distinct().toList();
    if (from.isEmpty()) {
      return atFence;
    }
    try (var _ = FenceGap.open(serving, from)) {
      return all.tryLogins(atServing);
    }
  }

  @Override
  public Verdict verify(Tried tried) {
    return serving
        .letsIn()
        .map(what -> Verdict.notYet(serving.label() + " is not fenced: " + what))
        .orElse(Verdict.ok());
  }

  /** What a try has left that was killed. */
  @Override
  public void undo(Nothing before) {
    close();
  }

  private void close() {
    poolers.ifPresent(Poolers::forgetTries);
    if (serving.exists()) {
      FenceGap.closeLeft(serving);
    }
  }
}
