package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.Lab;
import dev.upshift.postgres.Passfile;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** docs/backups.md, word for word, with pgBackRest itself. */
@Tag("real")
@ExtendWith(Stopwatch.class)
class PgBackRestStory {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** pgBackRest with its repository, as the owner of the databases. */
  private record BackRest(Path program, Path folder, Host host) {
    static BackRest in(Lab lab) {
      var program = LabFixture.programs().pgbackrest();
      var host = new LocalHost("a test", Witness.NONE).as(lab.topology().admin().osUser());
      var folder = lab.dir().resolve("db").resolve("pgbackrest");
      host.makeFolder(folder);
      return new BackRest(program, folder, host);
    }

    Path config() {
      return folder.resolve("pgbackrest.conf");
    }

    /** The stanza's server is this one. */
    void lead(PgServer server, String password) {
      var user = server.admin().user();
      host.replaceSecret(folder.resolve("passfile"), Passfile.line("*", "*", "*", user, password));
      host.replaceText(
          config(),
          """
          [global]
          repo1-path=%1$s/repo
          log-path=%1$s
          lock-path=%1$s/lock
          spool-path=%1$s/spool
          start-fast=y
          repo1-retention-full=9
          compress-type=none

          [main]
          pg1-path=%2$s
          pg1-port=%3$d
          pg1-socket-path=%4$s
          pg1-user=%5$s
          """
              .formatted(folder, server.data(), server.port(), server.sockets(), user));
    }

    void archive(PgServer server) {
      server.execute(
          "ALTER SYSTEM SET archive_command = '%s --config=%s --stanza=main archive-push \"%%p\"'"
              .formatted(program, config()));
    }

    String run(String... arguments) {
      return host.run(
              Command.of(program.toString(), "--config=" + config(), "--stanza=main")
                  .with((Object[]) arguments)
                  .set("PGPASSFILE", folder.resolve("passfile"))
                  .within(SOON))
          .out();
    }

    Topology restoring(Lab lab) throws IOException {
      var file = lab.topologyFile().resolveSibling("restoring.yaml");
      var said =
          "\ncandidate:\n  restore: [%s, --config=%s, --stanza=main, --type=standby, \"--pg1-path={data}\", restore]\n"
              .formatted(program, config());
      Files.writeString(file, Files.readString(SmallFleet.describe(lab)) + said);
      return TopologyFile.read(file);
    }
  }

  private static Outcome run(Topology topology, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, _ -> {}).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private static void fill(PgServer primary, int from, int to) {
    try (var session = primary.connect("podcasts")) {
      session.execute("CREATE TABLE IF NOT EXISTS public.later (n int PRIMARY KEY)");
      session.execute("INSERT INTO public.later SELECT generate_series(" + from + ", " + to + ")");
    }
  }

  @Test
  void shouldRestoreTheCandidateAndGoOnInTheSameStanza() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().withArchive())) {
      var lab = fixture.lab();
      var backRest = BackRest.in(lab);
      var topology = backRest.restoring(lab);
      var admin = topology.admin();
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      var old = stage.oldPrimary();
      var password = Passfile.read(admin.passfile()).ofAdmin(old, admin.database()).orElseThrow();
      backRest.lead(old, password);
      backRest.run("stanza-create");
      backRest.archive(old);
      old.reload(Deadline.in(SOON));
      fill(old, 1, 100);
      backRest.run("--type=full", "backup");
      fill(old, 101, 200);
      old.execute("SELECT pg_switch_wal()");
      fill(old, 201, 300);

      assertThat(run(topology, Upgrade.Ask.UPGRADE)).isEqualTo(new Outcome.Completed());
      var fresh = stage.newPrimary();
      try (var session = fresh.connect("podcasts")) {
        assertThat(session.value("SELECT count(*) || ' up to ' || max(n) FROM public.later"))
            .contains("300 up to 300");
      }
      var log = stage.candidate().data().resolveSibling("log").resolve("postgresql.log");
      assertThat(Files.readString(log)).contains("restored log file");
      assertThat(fresh.ask("SHOW archive_mode")).contains("off");

      // The archive goes on when the operator says where to.
      backRest.lead(fresh, password);
      backRest.run("stanza-upgrade");
      backRest.archive(fresh);
      fresh.execute("ALTER SYSTEM SET archive_mode = 'on'");
      fresh.stop(PgServer.Stop.FAST, Deadline.in(SOON));
      fresh.start(Deadline.in(SOON));
      backRest.run("--type=full", "backup");
      var told = backRest.run("info");
      System.out.printf("story: %s%n", told.replaceAll("\\s+", " "));
      assertThat(told)
          .contains("(" + topology.oldCluster().version() + ")")
          .contains("(" + topology.newCluster().version() + ")");
      assertThat(told.split("full backup: ")).hasSize(3);
      assertThat(run(topology, Upgrade.Ask.FINISH)).isEqualTo(new Outcome.Completed());
    }
  }
}
