package dev.upshift.postgres;

import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a standby logs in at its primary.
 *
 * @param conninfo its primary_conninfo
 * @param slot its primary_slot_name; empty without one
 */
public record StandbyLogin(String conninfo, String slot) {
  private static final Duration RELOAD = Duration.ofSeconds(10);

  private static final Pattern PLACE =
      Pattern.compile("\\b(?:host|hostaddr|port)\\s*=\\s*(?:'(?:[^'\\\\]|\\\\.)*'|\\S+)\\s*");

  /** As a stopped server's files say (from 12: before, recovery.conf has it); empty without. */
  public static Optional<StandbyLogin> of(PgServer standby) {
    if (!standby.exists() || !standby.version().atLeast(12)) {
      return Optional.empty();
    }
    var login =
        new StandbyLogin(
            standby.setInFiles("primary_conninfo"), standby.setInFiles("primary_slot_name"));
    return login.conninfo().isEmpty() ? Optional.empty() : Optional.of(login);
  }

  /** Whether it is written as {@code key=value}, and not as a URI. */
  public boolean isKeyValue() {
    return !conninfo.contains("://");
  }

  /** The same to another primary. */
  public StandbyLogin to(String address, int port) {
    var rest = PLACE.matcher(conninfo).replaceAll("").strip();
    return new StandbyLogin("host=" + address + " port=" + port + " " + rest, slot);
  }

  /** Makes it a running standby's. From 13: before, only a restart changes it. */
  void giveTo(PgServer standby) {
    standby.execute("ALTER SYSTEM SET primary_conninfo = " + Sql.literal(conninfo));
    standby.execute("ALTER SYSTEM SET primary_slot_name = " + Sql.literal(slot));
    standby.reload(Deadline.in(RELOAD));
  }
}
