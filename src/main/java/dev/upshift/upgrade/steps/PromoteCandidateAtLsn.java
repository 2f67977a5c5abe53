package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;

/**
 * Lets the candidate replay up to the position at which the slots begin, and no record further, and
 * makes it a primary of its own there. Up to and with the record at that position, one transaction
 * would be there twice: in the copy and in the stream (DESIGN.md §6, fact 3). Its socket lets in
 * the administrator only, by password: what was copied may want his account there (peer). An idle
 * primary writes nothing that shows the candidate it has arrived, so a marker is set (fact 5).
 */
public record PromoteCandidateAtLsn(
    Standby candidate, PgServer primary, Result<CreatePublicationsAndSlots.Common> common)
    implements Reversible<Nothing, Nothing> {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LIMIT = Duration.ofHours(1);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
  private static final String NUDGE = "the candidate has arrived";

  @Override
  public String title() {
    return "Promote the candidate " + candidate.server().label() + " where the slots begin";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    var server = candidate.server();
    if (candidate.isStandby()) {
      var settings = new LinkedHashMap<>(candidate.isolation());
      settings.put("listen_addresses", "");
      settings.putAll(target());
      candidate.configure(settings);
      Clients.ofStale(server).rejectFromStart();
      server.start(Deadline.in(LIMIT));
      try (var session = primary.connect()) {
        Markers.set(session, NUDGE);
      }
      if (!server.shows(Deadline.in(LIMIT), PAUSE, () -> !server.isInRecovery())) {
        throw new WorldError(
            server.name(),
            server.label() + " has not arrived at " + common.get().position() + " within an hour",
            "look at its log");
      }
    }
    Replication.dropSlot(primary, candidate.slot());
    return new Nothing();
  }

  private LinkedHashMap<String, String> target() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("recovery_target_lsn", common.get().position().toString());
    settings.put("recovery_target_inclusive", "false");
    settings.put("recovery_target_action", "promote");
    settings.put("recovery_target_timeline", "latest");
    settings.put("restore_command", "");
    return settings;
  }

  @Override
  public Verdict verify(Nothing result) {
    var server = candidate.server();
    if (!server.isRunning() || server.isInRecovery()) {
      return Verdict.notYet(server.label() + " is not a primary yet");
    }
    var end = candidate.cutOffAt();
    return Verdict.of(
        end.filter(lsn -> !lsn.isAfter(common.get().position())).isPresent(),
        server.label()
            + " was cut off at "
            + end.map(Object::toString).orElse("no known position")
            + ", not before "
            + common.get().position());
  }

  /** It follows nobody any more, and goes with the undo of its provisioning. */
  @Override
  public void undo(Nothing before) {
    if (candidate.server().exists() && !candidate.isStandby()) {
      candidate.server().stop(PgServer.Stop.IMMEDIATE, Deadline.in(STOP_LIMIT));
    }
  }
}
