package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.StandbyLogin;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Rebuilds the old standbys as standbys of the new version, one after the other. The old data
 * directories stay where they are, stopped: retiring them is the operator's word. The slots that
 * they streamed under go: they would keep WAL on the side that was left for nobody.
 *
 * @param left the primary that they followed
 */
public record RebuildStandbys(List<Rebuilt> standbys, PgServer left)
    implements Forward<Nothing, Nothing> {

  /** A standby of the new version, and the server of the old one on the same host, if any. */
  public record Rebuilt(Standby standby, Optional<PgServer> old) {}

  private static final Duration COPY_LIMIT = Duration.ofDays(2);
  private static final Duration START_LIMIT = Duration.ofMinutes(30);

  @Override
  public String title() {
    return "Rebuild "
        + String.join(
            ", ", standbys.stream().map(rebuilt -> rebuilt.standby().server().label()).toList())
        + " as standbys";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    standbys.stream()
        .filter(rebuilt -> !rebuilt.standby().server().isRunning())
        .forEach(RebuildStandbys::rebuild);
    standbys.forEach(rebuilt -> rebuilt.standby().server().comeUpWithMachine());
    if (left.away().isEmpty() && left.isRunning()) {
      standbys.forEach(this::dropOldSlot);
    }
    return new Nothing();
  }

  private static void rebuild(Rebuilt rebuilt) {
    rebuilt.old().ifPresent(RebuildStandbys::retire);
    rebuilt.standby().copy(Deadline.in(COPY_LIMIT));
    rebuilt.standby().configure(rebuilt.standby().place());
    rebuilt.standby().server().start(Deadline.in(START_LIMIT));
  }

  /** Both would want the same port when the machine comes up. */
  private static void retire(PgServer old) {
    old.stop(PgServer.Stop.FAST, Deadline.in(START_LIMIT));
    old.keepDown();
    old.stayDownWithMachine();
  }

  private void dropOldSlot(Rebuilt rebuilt) {
    rebuilt
        .old()
        .flatMap(StandbyLogin::of)
        .map(StandbyLogin::slot)
        .flatMap(slot -> Replication.slot(left, slot))
        .filter(slot -> !slot.active())
        .ifPresent(slot -> Replication.dropSlot(left, slot.name()));
  }

  @Override
  public Verdict verify(Nothing result) {
    var missing =
        standbys.stream()
            .map(Rebuilt::standby)
            .filter(standby -> !standby.streams())
            .map(standby -> standby.server().label())
            .toList();
    return Verdict.of(missing.isEmpty(), missing + " do not stream yet");
  }
}
