package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A physical standby of our making: a base backup, then streaming under a physical slot. The slot
 * is not an option: without it a clean shutdown of the primary can recycle WAL that the standby has
 * yet to receive (54,100 of 54,100 rows lost; safety.md §0).
 */
public final class Standby {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final PgServer standby;
  private final PgServer primary;
  private final String slot;
  private final OwnRole role;
  private final StandbyCopy copy;
  private final StandbySettings settings;

  /** A standby that follows this primary under this slot, as our own role. */
  public Standby(PgServer standby, PgServer primary, String slot, OwnRole role) {
    this(standby, primary, slot, role, StandbyCopy.ofPrimary(standby, primary, slot, role));
  }

  private Standby(PgServer standby, PgServer primary, String slot, OwnRole role, StandbyCopy copy) {
    this.standby = standby;
    this.primary = primary;
    this.slot = slot;
    this.role = role;
    this.copy = copy;
    this.settings = new StandbySettings(standby, primary, slot, role);
  }

  /**
   * The same, made by a program that restores a backup of the primary, in place of a base backup.
   *
   * @param program it and its arguments
   */
  public Standby restoredBy(List<String> program) {
    return new Standby(
        standby, primary, slot, role, StandbyCopy.restoredBy(program, standby, primary));
  }

  /**
   * The same, made by a base backup of another standby of the primary.
   *
   * @param sources the addresses (CIDR) that our standbys connect from
   */
  public Standby copiedFrom(PgServer other, List<String> sources) {
    return new Standby(
        standby,
        primary,
        slot,
        role,
        StandbyCopy.ofStandby(standby, primary, new CopySource(other, role, sources)));
  }

  /** Where its data comes from, for people. */
  public String source() {
    return copy.source();
  }

  /**
   * Makes sure that a program of the operator's which makes it is there, and nobody else's.
   *
   * @throws WorldError naming what is not so
   */
  public void inspectProgram() {
    copy.inspect();
  }

  /** The server itself. */
  public PgServer server() {
    return standby;
  }

  /** The slot it streams under. */
  public String slot() {
    return slot;
  }

  /**
   * Brings the primary's data into the data directory. The program that does it outlives us: a
   * repeated call finds it running or done. What a dead attempt left is removed first; that the
   * folder is ours to remove, the caller has made sure of.
   */
  public void copy(Deadline deadline) {
    Replication.createSlot(primary, slot);
    role.writePassfile(standby);
    copy.make(deadline);
    ConfigFolder.copy(primary, standby);
  }

  /**
   * Whether what is there is the primary's: one that was made anew since has another identity, and
   * a copy of its forerunner would never stream from it.
   */
  public boolean isOfPrimary() {
    return copy.isOfPrimary();
  }

  /** Writes what makes it a standby, and these settings, over whatever the copy brought along. */
  public void configure(Map<String, String> more) {
    settings.write(more);
  }

  /** What keeps a copy to itself from its first start. */
  public Map<String, String> isolation() {
    return settings.isolation();
  }

  /** The settings of the place that it has; what was copied has its primary's. */
  public Map<String, String> place() {
    return settings.place();
  }

  /** Whether the running standby has a restore_command, of a backup's or of the primary's. */
  public boolean asksArchive() {
    return standby.isOnlyShown() ? copy.isForeign() : settings.askArchive();
  }

  /** Takes its restore_command away, while it is down. */
  public void forgetArchive() {
    settings.forgetArchive();
  }

  /**
   * Lets the running standby stream as this login says from now on, under its slot, which is made
   * where it is not there; our own slot is dropped. Where it does not stream so in time, it goes on
   * as before. From 13: before, only a restart changes it.
   *
   * @return whether it does
   */
  public boolean streamAs(StandbyLogin login, Deadline deadline) {
    boolean makesSlot =
        !login.slot().isEmpty() && Replication.slot(primary, login.slot()).isEmpty();
    if (makesSlot) {
      Replication.createSlot(primary, login.slot());
    }
    login.giveTo(standby);
    var streams =
        login.slot().isEmpty()
            ? standby.shows(
                deadline, PAUSE, () -> !Replication.streams(primary, slot) && receives())
            : standby.shows(deadline, PAUSE, () -> Replication.streams(primary, login.slot()));
    if (streams) {
      standby.shows(
          deadline,
          PAUSE,
          () -> Replication.slot(primary, slot).map(s -> !s.active()).orElse(true));
      Replication.dropSlot(primary, slot);
      return true;
    }
    new StandbyLogin(settings.conninfo(), slot).giveTo(standby);
    if (makesSlot) {
      Replication.dropSlot(primary, login.slot());
    }
    return false;
  }

  private boolean receives() {
    return standby
        .ask("SELECT status FROM pg_stat_wal_receiver")
        .filter("streaming"::equals)
        .isPresent();
  }

  /** Whether it would follow its primary if it ran, or does: it was not promoted. */
  public boolean isStandby() {
    if (standby.isRunning()) {
      return standby.isInRecovery();
    }
    var signal = standby.version().atLeast(12) ? "standby.signal" : "recovery.conf";
    return standby.host().exists(standby.data().resolve(signal));
  }

  /**
   * Where it left its primary's timeline, if it has: the last line of its latest history file
   * (manual, "Timelines").
   */
  public Optional<Lsn> cutOffAt() {
    var wal = standby.data().resolve(standby.version().atLeast(10) ? "pg_wal" : "pg_xlog");
    return standby.host().list(wal).stream()
        .filter(name -> name.endsWith(".history"))
        .reduce((first, second) -> second)
        .flatMap(name -> standby.host().readText(wal.resolve(name)))
        .flatMap(text -> text.lines().filter(line -> line.contains("\t")).reduce((a, b) -> b))
        .map(line -> Lsn.parse(line.split("\t")[1]));
  }

  /** Whether it replays what the primary sends under the slot. */
  public boolean streams() {
    return standby.isRunning() && standby.isInRecovery() && Replication.streams(primary, slot);
  }

  /** How many bytes of WAL the primary has written that it has not replayed. */
  public long lagBytes() {
    var written = Replication.current(primary);
    return Replication.replayed(standby).map(written::minus).orElse(Long.MAX_VALUE);
  }

  /** Ends its processes and removes its folders; does nothing where there are none. */
  public void removeFolders(Deadline deadline) {
    var host = standby.host();
    copy.stop();
    if (standby.exists()) {
      standby.stop(PgServer.Stop.IMMEDIATE, deadline);
    }
    ConfigFolder.removeWithData(standby);
    host.remove(standby.workFolder());
  }

  /** Ends its processes and removes its folders and slot; does nothing where there are none. */
  public void remove(Deadline deadline) {
    removeFolders(deadline);
    // The walsender notices within its next write or keepalive that the standby is gone; until then
    // the slot is active.
    var gone =
        deadline.until(
            PAUSE, () -> Replication.slot(primary, slot).map(s -> !s.active()).orElse(true));
    if (!gone) {
      throw new WorldError(
          primary.name(),
          "the replication slot " + slot + " is still in use",
          "end its walsender, then: upshift undo");
    }
    Replication.dropSlot(primary, slot);
    copy.leaveSource();
  }
}
