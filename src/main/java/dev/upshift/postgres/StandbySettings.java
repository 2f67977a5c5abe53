package dev.upshift.postgres;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What stands in a standby's files: how it follows its primary, and what keeps it to itself. */
record StandbySettings(PgServer standby, PgServer primary, String slot, OwnRole role) {
  private static final String RESTORE_COMMAND = "restore_command";
  private static final String ASKED =
      "SELECT setting FROM pg_settings WHERE name = 'restore_command'";
  private static final String RECOVERY_FILE = "recovery.conf";

  /** Before 12 these stood in a file of their own. */
  private static final Set<String> RECOVERY_CONF =
      Set.of("primary_conninfo", "primary_slot_name", RESTORE_COMMAND);

  /** Writes what makes it a standby, and these settings, over whatever the copy brought along. */
  void write(Map<String, String> more) {
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
      standby.host().replaceText(standby.data().resolve(RECOVERY_FILE), AutoConf.lines(recovery));
      AutoConf.of(standby).append(settings);
    }
  }

  /** Where WAL comes from that the primary no longer has; who restored a backup knows. */
  private Optional<String> restoreCommand() {
    return standby
        .host()
        .readText(standby.data().resolve(RECOVERY_FILE))
        .flatMap(text -> text.lines().filter(line -> line.startsWith(RESTORE_COMMAND)).findFirst())
        .map(line -> line.replaceFirst("^[^']*'", "").replaceFirst("'[^']*$", ""))
        .map(value -> value.replace("''", "'"));
  }

  /** Whether the running standby has a restore_command, of a backup's or of the primary's. */
  boolean askArchive() {
    return standby.version().atLeast(12)
        ? standby.ask(ASKED).filter(command -> !command.isEmpty()).isPresent()
        : restoreCommand().isPresent();
  }

  /** Takes its restore_command away, while it is down. */
  void forgetArchive() {
    if (standby.version().atLeast(12)) {
      standby.setBeforeStart(RESTORE_COMMAND, "");
      return;
    }
    var file = standby.data().resolve(RECOVERY_FILE);
    standby
        .host()
        .readText(file)
        .ifPresent(text ->
            standby
                .host()
                .replaceText(
                    file,
                    text.lines()
                        .filter(line -> !line.startsWith(RESTORE_COMMAND))
                        .map(line -> line + "\n")
                        .collect(Collectors.joining())));
  }

  /** How it logs in at its primary, as our own role. */
  String conninfo() {
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

  /** A value in a conninfo (libpq, "Keyword/Value Connection Strings"). */
  static String quoted(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /**
   * What keeps a copy to itself from its first start: it archives nothing (a promoted copy would
   * push a new timeline into production's archive), starts no logical workers (a subscription
   * copied with it would take over the upstream slot, and production would lose rows) and no job
   * schedulers.
   */
  Map<String, String> isolation() {
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

  /** The settings of the place that it has; what was copied has its primary's. */
  Map<String, String> place() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("port", Integer.toString(standby.port()));
    settings.put("listen_addresses", standby.address());
    settings.put("unix_socket_directories", standby.sockets().toString());
    return settings;
  }
}
