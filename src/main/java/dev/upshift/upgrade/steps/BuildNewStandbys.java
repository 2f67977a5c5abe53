package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Schedulers;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Builds standbys of the new version while the old one still serves, on hosts of their own: reads
 * have somewhere to go at the switch, and the new primary is not alone after it. Nobody is led to
 * them before. They are not fenced as their primary is: a standby takes no writes.
 */
public record BuildNewStandbys(PgServer primary, List<Standby> standbys, long lagLimitBytes)
    implements Reversible<Nothing, Nothing> {

  /** A standby of the new version, and the old one that it takes over from, if there is one. */
  public record Built(Standby standby, Optional<PgServer> insteadOf) {}

  private static final Duration COPY_LIMIT = Duration.ofDays(2);
  private static final Duration START_LIMIT = Duration.ofMinutes(30);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(100);

  @Override
  public String title() {
    return standbys.isEmpty()
        ? "Build standbys of the new version: no host is given for one"
        : "Build the standbys "
            + String.join(", ", standbys.stream().map(one -> one.server().label()).toList())
            + " from "
            + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return FreePlace.check(standbys.stream().map(Standby::server).toList());
  }

  @Override
  public Nothing apply(Nothing before) {
    standbys.stream()
        .filter(standby -> !standby.server().isRunning() || !standby.isOfPrimary())
        .forEach(this::build);
    standbys.forEach(standby -> open(standby.server()));
    standbys.forEach(
        standby -> standby.server().shows(Deadline.in(LIMIT), PAUSE, () -> isReady(standby)));
    return new Nothing();
  }

  private void build(Standby standby) {
    standby.copy(Deadline.in(COPY_LIMIT));
    standby.configure(standby.place());
    standby.server().start(Deadline.in(START_LIMIT));
  }

  /** Who is led to it reads what it has replayed, and not what was sent to it. */
  private boolean isReady(Standby standby) {
    return standby.streams() && standby.lagBytes() <= lagLimitBytes;
  }

  /** What is for the time before the switch only is the primary's: it is not taken along. */
  private static void open(PgServer server) {
    server.writeHba(server.hba().withoutBlock(NewCluster.FENCE));
    Stream.concat(
            Stream.of("default_transaction_read_only"), Schedulers.held(server).keySet().stream())
        .forEach(name -> server.execute("ALTER SYSTEM RESET " + name));
    server.reload(Deadline.in(LIMIT));
  }

  /** A copy that took a day is not thrown away because it does not stream for a while. */
  @Override
  public Verdict verify(Nothing result) {
    for (var standby : standbys) {
      var server = standby.server();
      if (!server.exists()) {
        return Verdict.notYet("there is no " + server.label());
      }
      if (!standby.streams()) {
        throw new WorldError(
            server.name(),
            server.label() + " does not stream from " + primary.label(),
            "its log says why; what is prepared stays, so repair it and go on");
      }
      if (!isReady(standby)) {
        throw new WorldError(
            server.name(),
            "%s is %,d bytes behind %s, more than the %,d of limits.lag"
                .formatted(server.label(), standby.lagBytes(), primary.label(), lagLimitBytes),
            "is its replay paused or slow? what is prepared stays, so wait for it and go on");
      }
    }
    return Verdict.ok();
  }

  /** Its slots on the new primary go with that, where it does not run any more. */
  @Override
  public void undo(Nothing before) {
    boolean runs = primary.isRunning();
    standbys.forEach(standby -> {
      if (runs) {
        standby.remove(Deadline.in(LIMIT));
      } else {
        standby.removeFolders(Deadline.in(LIMIT));
      }
    });
  }
}
