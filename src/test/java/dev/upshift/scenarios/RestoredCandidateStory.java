package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Command;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.Lab;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The candidate is an old backup, brought up to date from the archive and then by streaming. */
@Tag("real")
@ExtendWith(Stopwatch.class)
class RestoredCandidateStory {

  private static Outcome run(Topology topology, Upgrade.Ask ask) {
    return run(topology, Method.LOGICAL, ask);
  }

  private static Outcome run(Topology topology, Method method, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, method, open, _ -> {}).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private static Path places(Lab lab) {
    return lab.dir().resolve("db");
  }

  private static Path backup(Lab lab) {
    return places(lab).resolve("backup");
  }

  private static Topology restoring(Lab lab) throws IOException {
    var script = places(lab).resolve("restore.sh");
    Files.writeString(
        script,
        """
        set -e
        data=$1
        [ ! -e %1$s/locked ] || { echo "the repository is locked" >&2; exit 9; }
        cp -a %1$s/backup/. "$data"
        touch "$data/standby.signal"
        cat >>"$data/postgresql.auto.conf" <<END
        # set by upshift
        restore_command = 'cp %2$s/%%f %%p'
        recovery_target_time = '2020-01-01 00:00:00+00'
        END
        """
            .formatted(places(lab), places(lab).resolve("archive")));
    var file = lab.topologyFile().resolveSibling("restoring.yaml");
    Files.writeString(
        file,
        Files.readString(SmallFleet.describe(lab))
            + "\ncandidate: {restore: [sh, "
            + script
            + ", \"{data}\"]}\n");
    return TopologyFile.read(file);
  }

  private static void takeBackup(Lab lab, PgServer primary) {
    var postgres = new LocalHost("a test", Witness.NONE).as(lab.topology().admin().osUser());
    postgres
        .ask(
            Command.of(primary.program("pg_basebackup"), "-D", backup(lab), "-h", primary.address())
                .with("-p", primary.port(), "-U", "replicator", "--no-password")
                .with("--checkpoint", "fast")
                .set("PGPASSFILE", places(lab).resolve("db2").resolve("replication.pgpass")))
        .orFail();
  }

  private static void fill(PgServer primary, int from, int to) {
    try (var session = primary.connect("podcasts")) {
      session.execute("CREATE TABLE IF NOT EXISTS public.later (n int PRIMARY KEY)");
      session.execute("GRANT ALL ON public.later TO app");
      session.execute("INSERT INTO public.later SELECT generate_series(" + from + ", " + to + ")");
    }
  }

  @Test
  void shouldMakeTheCandidateFromABackup() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().withArchive())) {
      var lab = fixture.lab();
      var topology = restoring(lab);
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      var old = stage.oldPrimary();
      fill(old, 1, 100);
      takeBackup(lab, old);
      fill(old, 101, 200);
      old.execute("SELECT pg_switch_wal()");
      fill(old, 201, 300);

      var locked = places(lab).resolve("locked");
      Files.writeString(locked, "");
      var failed = run(topology, Upgrade.Ask.UPGRADE);
      assertThat(failed.toString()).contains("candidate.restore", "the repository is locked");
      assertThat(failed).isInstanceOf(Outcome.Failed.class);
      Files.delete(locked);

      assertThat(run(topology, Upgrade.Ask.RESUME)).isEqualTo(new Outcome.Completed());
      try (var session = stage.newPrimary().connect("podcasts")) {
        assertThat(session.value("SELECT count(*) || ' up to ' || max(n) FROM public.later"))
            .contains("300 up to 300");
      }
      var log = stage.candidate().data().resolveSibling("log").resolve("postgresql.log");
      assertThat(Files.readString(log)).contains("restored log file");
    }
  }

  /** So that the primary does not read and send it all. */
  @Test
  void shouldCopyAnotherStandby() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var file = fixture.lab().topologyFile().resolveSibling("from-standby.yaml");
      var text = Files.readString(SmallFleet.describe(fixture.lab()));
      Files.writeString(file, text + "\ncandidate: {from: db3}\n");
      var topology = TopologyFile.read(file);
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      var from = stage.server(topology.server("db3"), topology.oldCluster());
      var before = from.hba().text();
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.PREPARE))
          .isEqualTo(new Outcome.Completed());
      var label = stage.candidate().data().resolve("backup_label.old");
      assertThat(stage.candidate().host().readText(label).orElseThrow())
          .contains("BACKUP FROM: standby");
      assertThat(from.hba().text()).isEqualTo(before);
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.UNDO))
          .isInstanceOf(Outcome.Undone.class);
    }
  }

  /** Here it is promoted while writers wait. */
  @Test
  void shouldAskNoArchiveInThePhysicalHold() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().withArchive())) {
      var lab = fixture.lab();
      var topology = restoring(lab);
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      takeBackup(lab, stage.oldPrimary());
      fill(stage.oldPrimary(), 1, 100);
      stage.oldPrimary().execute("SELECT pg_switch_wal()");
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.PREPARE))
          .isEqualTo(new Outcome.Completed());
      var candidate = stage.candidate();
      var log = candidate.data().resolveSibling("log").resolve("postgresql.log");
      assertThat(Files.readString(log)).contains("restored log file");
      assertThat(candidate.ask("SHOW restore_command")).contains("");
      assertThat(candidate.isInRecovery()).isTrue();
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.UNDO))
          .isInstanceOf(Outcome.Undone.class);
    }
  }

  @Test
  void shouldRefuseTheBackupOfAnotherCluster() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().withArchive());
        var another = LabFixture.up(LabFixture.serversOnly())) {
      var topology = restoring(fixture.lab());
      var other = Stage.live(another.lab().topology(), Path.of("unused"), Witness.NONE);
      takeBackup(another.lab(), other.oldPrimary());
      var postgres =
          new LocalHost("a test", Witness.NONE).as(fixture.lab().topology().admin().osUser());
      postgres.ask(Command.of("cp", "-a", backup(another.lab()), backup(fixture.lab()))).orFail();
      var failed = run(topology, Upgrade.Ask.UPGRADE);
      assertThat(failed.toString()).contains("no copy of db1");
      assertThat(failed).isInstanceOf(Outcome.Failed.class);
      assertThat(run(topology, Upgrade.Ask.UNDO)).isInstanceOf(Outcome.Undone.class);
      assertThat(postgres.list(topology.oldCluster().data(topology.candidate()))).isEmpty();
    }
  }
}
