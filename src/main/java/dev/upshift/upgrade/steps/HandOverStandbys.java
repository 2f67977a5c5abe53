package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.StandbyLogin;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets each standby stream as the standby of the old version on its host did: as the operator's own
 * role, under his own slot. Where that does not work, it goes on as ours, which then stays.
 */
public record HandOverStandbys(PgServer primary, List<Heir> standbys)
    implements Forward<Nothing, HandOverStandbys.HandedOver> {

  /** A standby of the new version, and the old one that it is to stream like. */
  public record Heir(Standby standby, Optional<PgServer> like) {}

  /** The standbys that go on as our role, and why. */
  public record HandedOver(List<String> ours) {}

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Override
  public String title() {
    return "Let the standbys of " + primary.label() + " stream as the old ones did";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public HandedOver apply(Nothing before) {
    var ours = new ArrayList<String>();
    for (var heir : standbys) {
      handOver(heir).ifPresent(why -> ours.add(heir.standby().server().label() + ": " + why));
    }
    return new HandedOver(ours);
  }

  private Optional<String> handOver(Heir heir) {
    if (heir.like().isEmpty()) {
      return Optional.of("there was none of the old version in its place");
    }
    var old = heir.like().get();
    var was = StandbyLogin.of(old);
    if (was.isEmpty()) {
      return Optional.of(old.label() + " does not say how it streamed");
    }
    var login = was.get().to(primary.address(), primary.port());
    if (!login.isKeyValue()) {
      return Optional.of("primary_conninfo of " + old.label() + " is no list of key=value");
    }
    return heir.standby().streamAs(login, Deadline.in(LIMIT))
        ? Optional.empty()
        : Optional.of("as the old one did, it does not stream; its log says why");
  }

  @Override
  public Verdict verify(HandedOver result) {
    var missing =
        standbys.stream()
            .map(heir -> heir.standby().server())
            .filter(standby -> !standby.isRunning() || !streams(standby))
            .map(PgServer::label)
            .toList();
    return Verdict.of(missing.isEmpty(), missing + " do not stream");
  }

  private static boolean streams(PgServer standby) {
    return standby
        .ask("SELECT status FROM pg_stat_wal_receiver")
        .filter("streaming"::equals)
        .isPresent();
  }
}
