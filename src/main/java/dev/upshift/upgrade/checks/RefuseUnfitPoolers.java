package dev.upshift.upgrade.checks;

import dev.upshift.traffic.PoolerLook;
import dev.upshift.traffic.PoolerLook.Facts;
import dev.upshift.traffic.Poolers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every process of the poolers must answer, be the only ones on their ports, have every managed
 * entry, give servers back at the end of a transaction, and let clients wait for as long as a hold
 * may last.
 *
 * @param mayPoolSessions whether the operator lives with pools in session mode
 * @param hold the longest time that clients are made to wait; empty where they are parked
 */
public record RefuseUnfitPoolers(
    Optional<Poolers> poolers, boolean mayPoolSessions, Optional<Duration> hold)
    implements Refusal {

  @Override
  public String id() {
    return "unfit-poolers";
  }

  @Override
  public String title() {
    return "every pooler can hold and lead its clients";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var look : poolers.map(Poolers::look).orElse(List.of())) {
      look.failure()
          .ifPresent(failure ->
              findings.add(Finding.blocks(look.where() + ": " + failure.what(), failure.hint())));
      look.facts().ifPresent(facts -> judge(look, facts, findings));
    }
    return findings;
  }

  private void judge(PoolerLook look, Facts facts, List<Finding> findings) {
    if (facts.shuttingDown()) {
      findings.add(
          Finding.blocks(
              look.where() + " takes no new clients: it is paused or shutting down",
              "RESUME it, or start it anew"));
    }
    if (facts.unlisted() > 0) {
      findings.add(
          Finding.blocks(
              facts.unlisted() + " more processes listen where " + look.where() + " does",
              "name each under traffic.pgbouncer.processes with a configuration and a socket folder"
                  + " of its own: one that is not held lets writes through"));
    }
    if (!facts.missing().isEmpty()) {
      findings.add(
          Finding.blocks(
              look.where()
                  + " has no entry for "
                  + facts.missing()
                  + (facts.fallbacks().isEmpty() ? "" : "; '*' serves " + facts.fallbacks()),
              "give each an entry of its own in [databases]"));
    }
    sessions(look, facts, findings);
    var wait = facts.queryWaitTimeout();
    if (hold.isPresent() && !wait.isZero() && wait.compareTo(hold.get()) < 0) {
      findings.add(
          Finding.blocks(
              "query_wait_timeout of "
                  + look.where()
                  + " is "
                  + wait.toSeconds()
                  + " s, and a hold may last "
                  + hold.get().toSeconds()
                  + " s",
              "raise it, or lower limits.hold.logical"));
    }
  }

  private void sessions(PoolerLook look, Facts facts, List<Finding> findings) {
    for (var pool : facts.sessions()) {
      var what =
          look.where()
              + ": the pool "
              + pool.pool()
              + pool.user().map(user -> " of " + user).orElse("")
              + " is in session mode: ";
      findings.add(
          mayPoolSessions
              ? Finding.warns(
                  what + "where one is connected so, all clients of the pool are cut off",
                  "as was consented to")
              : Finding.blocks(
                  what + "it can be held only when its clients have disconnected",
                  "pool_mode = transaction; or session-pooling: consent, and the pool's clients are cut off"));
    }
  }
}
