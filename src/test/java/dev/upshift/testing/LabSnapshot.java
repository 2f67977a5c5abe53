package dev.upshift.testing;

import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.Workers;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Stage;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything of a cluster and its fleets that outlives a run, as text: files byte for byte,
 * settings, catalogs, who runs, who streams, what the archive holds. Two of them compare equal when
 * an undo was an undo.
 */
public final class LabSnapshot {
  private static final String SETTINGS =
      """
      SELECT name || ' = ' || coalesce(setting, '') || ' from ' || source || ' ' || coalesce(sourcefile, '') || ' ' || pending_restart
      FROM pg_settings ORDER BY name
      """;

  private static final Map<String, String> OF_PRIMARY =
      Map.of(
          "slots",
          "SELECT slot_name || ' ' || slot_type || ' ' || active FROM pg_replication_slots ORDER BY 1",
          "roles",
          "SELECT to_jsonb(a)::text FROM pg_authid a ORDER BY rolname",
          "role settings",
          "SELECT to_jsonb(s)::text FROM pg_db_role_setting s ORDER BY 1",
          "databases",
          "SELECT datname || ' ' || datallowconn || ' ' || datconnlimit FROM pg_database ORDER BY 1",
          "standbys",
          "SELECT application_name || ' ' || state FROM pg_stat_replication ORDER BY 1",
          "prepared transactions",
          "SELECT gid FROM pg_prepared_xacts ORDER BY 1");

  private static final Map<String, String> OF_DATABASE =
      Map.of(
          "schemas",
          "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp' ORDER BY 1",
          "event triggers",
          "SELECT evtname FROM pg_event_trigger ORDER BY 1",
          "publications",
          "SELECT pubname FROM pg_publication ORDER BY 1",
          "relations",
          """
          SELECT n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || c.relreplident::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1
          """);

  private final Map<String, String> facts = new TreeMap<>();

  private LabSnapshot() {}

  /** Takes one of the old side, which must run. */
  public static LabSnapshot of(Topology topology) {
    return of(topology, Stage.live(topology, Path.of("unused"), Witness.NONE));
  }

  /** The same in sessions that are kept for the next one. */
  static LabSnapshot of(Topology topology, Stage stage) {
    var snapshot = new LabSnapshot();
    snapshot.primary(stage.oldPrimary());
    var servers = new ArrayList<>(topology.standbys());
    servers.add(topology.primary());
    servers.forEach(server -> snapshot.server(stage.server(server, topology.oldCluster())));
    snapshot.place(stage.candidate());
    snapshot.fleet(topology);
    return snapshot;
  }

  private void primary(PgServer primary) {
    OF_PRIMARY.forEach((name, sql) -> facts.put(name, rows(primary, "postgres", sql)));
    for (var database : List.of("postgres", "podcasts")) {
      OF_DATABASE.forEach(
          (name, sql) -> facts.put(name + " of " + database, rows(primary, database, sql)));
    }
    var archive = primary.data().resolve("../../../archive").normalize();
    var foreign =
        primary.host().list(archive).stream()
            .filter(file -> !file.startsWith("00000001") || file.endsWith(".history"))
            .toList();
    facts.put("archive's other timelines", String.join("\n", foreign));
  }

  private void server(PgServer server) {
    facts.put(server.name() + " settings", rows(server, "postgres", SETTINGS));
    facts.put(server.name() + " in recovery", Boolean.toString(server.isInRecovery()));
    for (var name :
        List.of("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf")) {
      facts.put(server.name() + " " + name, text(server.data().resolve(name)));
    }
    facts.put(server.name() + " beside the data", names(parent(server.data())));
    facts.put(server.name() + " versions", names(parent(parent(server.data()))));
    facts.put(server.name() + " work folder", names(server.workFolder()));
  }

  /** The candidate's place; logs that its servers wrote, as they were told to, may stay. */
  private void place(PgServer candidate) {
    var place = parent(parent(candidate.data()));
    facts.put("files at the candidate's place", files(place));
    facts.put("processes at the candidate's place", String.join("\n", LabProcesses.in(place)));
    facts.put("sockets of the candidate", names(candidate.sockets()));
  }

  private void fleet(Topology topology) {
    Stream.concat(topology.online().servers().stream(), topology.offline().servers().stream())
        .forEach(server -> {
          var file = topology.traffic().hostsFile().orElseThrow().on(server);
          facts.put("hosts file of " + server, text(file) + mode(file));
          facts.put("beside the hosts file of " + server, hostsFiles(file));
        });
    topology
        .online()
        .balancer()
        .ifPresent(haProxy -> {
          var balancer = new LoadBalancer(new LocalHost(haProxy.host(), Witness.NONE), haProxy);
          facts.put("balancer", balancer.states(topology.online().servers()).toString());
        });
    var hosts =
        topology.offline().servers().stream()
            .collect(
                Collectors.toMap(server -> server, server -> host(server), (first, _) -> first));
    var workers = new Workers(hosts, topology.offline());
    facts.put("workers", workers.running(topology.offline().servers()).toString());
  }

  private static Host host(String name) {
    return new LocalHost(name, Witness.NONE);
  }

  /** What is not as it was, a line each; empty when nothing is. */
  public List<String> differencesTo(LabSnapshot later) {
    return facts.entrySet().stream()
        .filter(fact -> !fact.getValue().equals(later.facts.get(fact.getKey())))
        .map(fact ->
            fact.getKey()
                + ": "
                + change(fact.getValue(), later.facts.getOrDefault(fact.getKey(), "nothing")))
        .toList();
  }

  private static String change(String before, String after) {
    var were = before.lines().toList();
    var are = String.valueOf(after).lines().toList();
    return "gone "
        + were.stream().filter(line -> !are.contains(line)).toList()
        + ", new "
        + are.stream().filter(line -> !were.contains(line)).toList()
        + (were.size() == are.size() ? "" : ", " + were.size() + " lines, now " + are.size());
  }

  /** How many things were looked at. */
  public int size() {
    return facts.size();
  }

  private static String rows(PgServer server, String database, String sql) {
    try (var session = server.connect(database)) {
      return String.join("\n", session.query(sql, row -> String.valueOf(row.getString(1))));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String files(Path place) {
    try (var all = Files.walk(place)) {
      return all.filter(file -> !Files.isDirectory(file) && !file.toString().contains("/log/"))
          .map(Path::toString)
          .sorted()
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String mode(Path file) {
    try {
      var attributes = Files.readAttributes(file, "posix:permissions,owner");
      return "\n" + attributes.get("permissions") + " " + attributes.get("owner");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String names(Path folder) {
    return String.join("\n", host("here").list(folder));
  }

  /** Fleets write other files beside it; what has to do with hosts files is ours. */
  private static String hostsFiles(Path file) {
    return names(parent(file))
        .lines()
        .filter(name -> name.contains("hosts"))
        .collect(Collectors.joining("\n"));
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }
}
