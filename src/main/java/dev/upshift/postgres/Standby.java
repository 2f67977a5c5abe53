package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A physical standby of our making: a base backup, then streaming under a physical slot. The slot
 * is not an option: without it a clean shutdown of the primary can recycle WAL that the standby has
 * yet to receive (54,100 of 54,100 rows lost; safety.md §0).
 */
public final class Standby {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final String RESTORE_COMMAND = "restore_command";

  /** Before 12 these stood in a file of their own. */
  private static final Set<String> RECOVERY_CONF =
      Set.of("primary_conninfo", "primary_slot_name", RESTORE_COMMAND);

  private final PgServer standby;
  private final PgServer primary;
  private final String slot;
  private final OwnRole role;
  private final StandbyCopy copy;

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

  /** Where its data comes from, for people. */
  public String source() {
    return copy.source();
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
    var settings = new LinkedHashMap<String, String>();
    settings.put("primary_conninfo", conninfo());
    settings.put("primary_slot_name", slot);
    settings.put("hot_standby", "on");
    settings.putAll(more);
    if (standby.version().atLeast(12)) {
      standby.host().replaceText(standby.data().resolve("standby.signal"), "");
      AutoConf.of(standby).append(settings);
    } else {
      var recovery = new LinkedHashMap<String, String>();
      restoreCommand().ifPresent(command -> recovery.put(RESTORE_COMMAND, command));
      recovery.put("standby_mode", "on");
      recovery.put("recovery_target_timeline", "latest");
      for (var name : List.copyOf(settings.keySet())) {
        if (name.startsWith("recovery_") || RECOVERY_CONF.contains(name)) {
          recovery.put(name, Objects.requireNonNull(settings.remove(name)));
        }
      }
      standby.host().replaceText(standby.data().resolve("recovery.conf"), AutoConf.lines(recovery));
      AutoConf.of(standby).append(settings);
    }
  }

  /** Where WAL comes from that the primary no longer has; who restored a backup knows. */
  private Optional<String> restoreCommand() {
    return standby
        .host()
        .readText(standby.data().resolve("recovery.conf"))
        .flatMap(text -> text.lines().filter(line -> line.startsWith(RESTORE_COMMAND)).findFirst())
        .map(line -> line.replaceFirst("^[^']*'", "").replaceFirst("'[^']*$", ""))
        .map(value -> value.replace("''", "'"));
  }

  private String conninfo() {
    // From 17 on a standby that keeps the primary's slots looks for them in a database.
    var database =
        standby.version().atLeast(17) ? " dbname=" + quoted(primary.admin().database()) : "";
    return "host=%s port=%d user=%s passfile=%s application_name=%s gssencmode=disable%s"
        .formatted(
            primary.address(),
            primary.port(),
            quoted(role.name()),
            quoted(role.passfileOn(standby).toString()),
            Replication.STANDBY_NAME,
            database);
  }

  static String quoted(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /**
   * What keeps a copy to itself from its first start: it archives nothing (a promoted copy would
   * push a new timeline into production's archive), starts no logical workers (a subscription
   * copied with it would take over the upstream slot, and production would lose rows) and no job
   * schedulers.
   */
  public Map<String, String> isolation() {
    var settings = new LinkedHashMap<>(place());
    settings.put("archive_mode", "off");
    settings.put("synchronous_standby_names", "");
    if (standby.version().atLeast(10)) {
      settings.put("max_logical_replication_workers", "0");
    }
    if (standby.version().atLeast(17)) {
      settings.put("sync_replication_slots", "off");
    }
    if (standby.version().atLeast(18)) {
      settings.put("idle_replication_slot_timeout", "0");
    }
    settings.putAll(Schedulers.held(primary));
    return settings;
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
    new StandbyLogin(conninfo(), slot).giveTo(standby);
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

  /** The settings of the place that it has; what was copied has its primary's. */
  public Map<String, String> place() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("port", Integer.toString(standby.port()));
    settings.put("listen_addresses", standby.address());
    settings.put("unix_socket_directories", standby.sockets().toString());
    return settings;
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
  }
}
