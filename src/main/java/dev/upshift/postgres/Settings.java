package dev.upshift.postgres;

import dev.upshift.host.Command;
import dev.upshift.topology.PgVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings that a new cluster takes over from an old server's files, and those that it leaves.
 *
 * @param carried name and value
 * @param left name and why
 */
public record Settings(Map<String, String> carried, Map<String, String> left) {

  /**
   * What belongs to one server or one moment and is never carried over: where it lies and listens,
   * whom it follows, what it recovers to, where it archives. {@code synchronous_standby_names}
   * would make the first commit wait for standbys that do not exist yet.
   */
  private static final Set<String> NEVER =
      Set.of(
          "data_directory",
          "config_file",
          "hba_file",
          "ident_file",
          "external_pid_file",
          "port",
          "listen_addresses",
          "unix_socket_directories",
          "primary_conninfo",
          "primary_slot_name",
          "restore_command",
          "archive_cleanup_command",
          "promote_trigger_file",
          "trigger_file",
          "standby_mode",
          "hot_standby",
          "synchronous_standby_names",
          "archive_mode",
          "cluster_name",
          "default_transaction_read_only",
          "synchronized_standby_slots",
          "sync_replication_slots");

  /**
   * Parameters that live on under another name, with the version that renamed them (release notes,
   * "Migration to Version N").
   */
  private record Renamed(int since, String from, String to) {}

  private static final java.util.List<Renamed> RENAMED =
      java.util.List.of(
          new Renamed(11, "replacement_sort_tuples", ""),
          new Renamed(16, "force_parallel_mode", "debug_parallel_query"),
          new Renamed(18, "ssl_ecdh_curve", "ssl_groups"));

  /**
   * The settings in force that stand in the server's files: postgresql.conf, what it includes, and
   * ALTER SYSTEM's.
   */
  private static final String FILE_SETTINGS =
      """
      SELECT name, setting FROM pg_file_settings WHERE applied AND name IS NOT NULL ORDER BY seqno
      """;

  /**
   * What the server {@code from} has in its files, as far as a server {@code to} of another version
   * knows it.
   */
  public static Settings of(PgServer from, PgServer to) {
    var inForce = new LinkedHashMap<String, String>();
    try (var session = from.connect()) {
      session
          .query(FILE_SETTINGS, row -> Map.entry(row.getString(1), row.getString(2)))
          .forEach(setting -> inForce.put(setting.getKey(), setting.getValue()));
    }
    return sort(inForce, known(to), to.version());
  }

  /**
   * The parameters that stand in the new version's sample file or may stand in a configuration file
   * ({@code --describe-config}).
   */
  private static Set<String> known(PgServer server) {
    var output =
        server.host().ask(Command.of(server.program("postgres"), "--describe-config")).orFail();
    return output.out().lines().map(line -> line.split("\t", 2)[0]).collect(Collectors.toSet());
  }

  static Settings sort(Map<String, String> inForce, Set<String> known, PgVersion version) {
    var carried = new TreeMap<String, String>();
    var left = new TreeMap<String, String>();
    inForce.forEach((name, value) -> {
      var now = renamed(name, version);
      if (NEVER.contains(name) || name.startsWith("recovery_")) {
        left.put(name, "belongs to the old server");
      } else if (name.equals("wal_keep_segments") && version.atLeast(13)) {
        // 13: in megabytes, where it was segments of (usually) 16 MB.
        carried.put("wal_keep_size", Long.parseLong(value) * 16 + "MB");
      } else if (known.contains(now) || now.contains(".")) {
        carried.put(now, value);
      } else {
        left.put(name, "unknown to version " + version);
      }
    });
    return new Settings(carried, left);
  }

  private static String renamed(String name, PgVersion version) {
    return RENAMED.stream()
        .filter(rename -> rename.from().equals(name) && version.atLeast(rename.since()))
        .map(Renamed::to)
        .findFirst()
        .orElse(name);
  }

  /**
   * A line of a configuration file. A backslash is an escape there, as a doubled quote is a quote
   * (manual, "Parameter Values").
   */
  public static String line(String name, String value) {
    var escaped =
        value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r");
    return name + " = '" + escaped + "'\n";
  }
}
