package dev.upshift.topology;

import static dev.upshift.topology.SampleTopology.pooled;
import static dev.upshift.topology.SampleTopology.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.topology.TopologyComplaintsTest.Case;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Poolers in the topology: what is read, and what is complained about. */
class TopologyPoolersTest {
  private static final String HOSTS_FILE = "  - hosts-file: {path: \"/srv/{server}/hosts\"}\n";
  private static final String ONE_POOLER =
      "  - pgbouncer: {processes: [{host: p, config: /p.ini}], read-write: [app]}\n";

  @Test
  void shouldReadEveryKeyOfThePoolers() {
    var topology = parse(SampleTopology.POOLED);

    assertThat(topology.names()).isEmpty();
    assertThat(topology.traffic().hostsFile()).isEmpty();
    var poolers = topology.traffic().pgbouncer().orElseThrow();
    assertThat(poolers)
        .isEqualTo(
            new Topology.PgBouncers(
                List.of(
                    new Topology.PoolerProcess("pool1", Path.of("/etc/pool1.ini")),
                    new Topology.PoolerProcess("pool2", Path.of("/etc/pool2.ini"))),
                List.of("app", "app.2"),
                Map.of("app_ro", "db2", "app_ro2", "db1"),
                "ops",
                true));
    assertThat(poolers.pools()).containsExactly("app", "app.2", "app_ro", "app_ro2");
    var probe = topology.probe().orElseThrow();
    assertThat(List.of(probe.read(), probe.write())).containsExactly("pools.lan", "::1");
    assertThat(probe.port()).isEqualTo(6432);
    assertThat(List.of(probe.database(), probe.readDatabase(), probe.writeDatabase()))
        .containsExactly("podcasts", "app_ro", "app");
  }

  @Test
  void shouldPutInDefaults() {
    var poolers =
        parse(with(HOSTS_FILE, HOSTS_FILE + ONE_POOLER)).traffic().pgbouncer().orElseThrow();

    assertThat(poolers.readOnly()).isEmpty();
    assertThat(poolers.admin()).isEqualTo("pgbouncer");
    assertThat(poolers.mayPoolSessions()).isFalse();
  }

  @Test
  void shouldLetAProbeBesideAHostsFileGoToAPooler() {
    var text =
        with(HOSTS_FILE, HOSTS_FILE + ONE_POOLER).replace("read: db2.internal", "read: 10.0.0.1");

    assertThat(parse(text).probe().orElseThrow().read()).isEqualTo("10.0.0.1");
  }

  @ParameterizedTest
  @MethodSource({"layers", "poolers", "probe"})
  void shouldComplainOnceAndWithAHint(Case sample) {
    TopologyComplaintsTest.check(sample);
  }

  static List<Case> layers() {
    return List.of(
        TopologyComplaintsTest.of(
            with(HOSTS_FILE, HOSTS_FILE + HOSTS_FILE),
            "15:5: a second hosts-file in 'traffic'",
            "the first"),
        TopologyComplaintsTest.of(
            with(HOSTS_FILE, ONE_POOLER + ONE_POOLER)
                .replace("database: podcasts", "database: app"),
            "15:5: a second pgbouncer in 'traffic'",
            "the first"),
        TopologyComplaintsTest.of(
            with("names: {db1.internal: db1, db2.internal: db2, db3.internal: db3}\n", ""),
            "1:1: 'names' is missing",
            "add 'names:'"),
        TopologyComplaintsTest.of(
            with(HOSTS_FILE, HOSTS_FILE + ONE_POOLER.replace("  - pgb", "    pgb")),
            "14:5: 'traffic[1]' has 2 keys",
            "exactly one"),
        TopologyComplaintsTest.of(
            with(HOSTS_FILE, HOSTS_FILE + ONE_POOLER.replace("[app]", "[DB2.internal]")),
            "15:70: 'DB2.internal' of the poolers is led by another layer of 'traffic', too",
            "rename"));
  }

  static List<Case> poolers() {
    return List.of(
        TopologyComplaintsTest.of(
            pooled("/etc/pool2.ini", "/etc/../etc/pool1.ini"),
            "14:90: a second process with the configuration /etc/pool1.ini",
            "pool1 has it already"),
        TopologyComplaintsTest.of(
            pooled("[app, app.2]", "[app, app]"),
            "14:126: 'pgbouncer.read-write' names app twice",
            "once"),
        TopologyComplaintsTest.of(
            pooled("[app, app.2]", "[app, \"a \\\"b;c' d\"]"),
            "14:126: 'traffic[1].pgbouncer.read-write[2]': 'a \"b;c' d' is not a name of an entry in"
                + " [databases]",
            "PgBouncer reads no others"),
        TopologyComplaintsTest.of(
            pooled("[app, app.2]", "[]"),
            "14:120: 'traffic[1].pgbouncer.read-write' has 0 items",
            "at least 1"),
        TopologyComplaintsTest.of(
            pooled("app_ro2: db1", "app: db1"),
            "14:159: 'pgbouncer.read-only': app stands in read-write, too",
            "read-write only"),
        TopologyComplaintsTest.of(
            pooled("app_ro2: db1", "app_ro2: db11"),
            "14:168: 'pgbouncer.read-only.app_ro2': there is no server 'db11'",
            "did you mean 'db1'?"),
        TopologyComplaintsTest.of(
            pooled("app_ro2: db1", "app_ro2: db4"),
            "14:168: 'pgbouncer.read-only.app_ro2' leads to the candidate db4",
            "another server"),
        TopologyComplaintsTest.of(
            pooled("consent", "maybe"),
            "14:203: 'traffic[1].pgbouncer.session-pooling': 'maybe' is not known",
            "refuse, consent"));
  }

  static List<Case> probe() {
    return List.of(
        TopologyComplaintsTest.of(
            pooled("write-database: app", "write-database: app_ro"),
            "27:169: 'probe.write-database': app_ro is an entry of pgbouncer.read-only",
            "app, app.2"),
        TopologyComplaintsTest.of(
            pooled("write-database: app", "write-database: podcast"),
            "27:169: 'probe.write-database': podcast is no entry of pgbouncer.read-write",
            "app, app.2"),
        TopologyComplaintsTest.of(
            pooled(", read-database: app_ro", ""),
            "27:40: 'probe.read-database': podcasts is no entry of pgbouncer",
            "app_ro"));
  }

  private static Topology parse(String text) {
    return TopologyFile.parse(Path.of("t.yaml"), text);
  }
}
