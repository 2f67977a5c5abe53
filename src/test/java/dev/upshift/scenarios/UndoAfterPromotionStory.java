package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.journal.Entry;
import dev.upshift.run.RunFolder;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabSnapshot;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * pg_upgrade fails on a candidate that was promoted already: a view of the site reads a column of a
 * system view that 18 no longer has, which shows only when the schemas are restored. The old
 * cluster archives its WAL; a promoted copy that pushed its new timeline there would keep the old
 * standbys from ever streaming again.
 */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class UndoAfterPromotionStory {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String OBSTACLE =
      "CREATE VIEW public.memory AS SELECT name, parent FROM pg_backend_memory_contexts";

  @Test
  void shouldLeaveEverythingAsItWasAndLetTheNextUpgradeThrough(SharedLabs.Labs labs)
      throws Exception {
    var stand = labs.fleets();
    var topology = stand.topology();
    execute(stand, OBSTACLE);
    var before = LabSnapshot.of(topology);
    var file = stand.file().toString();

    var failed = ToolProcess.run(LIMIT, "upgrade", file, "--yes");
    assertThat(failed.exitCode()).as(failed.said()).isEqualTo(5);
    assertThat(failed.said())
        .contains("run-pg-upgrade", "undone, the old side serves; everything is as it was");
    var entries = RunFolder.latest(topology).orElseThrow().entries();
    assertThat(entries)
        .anyMatch(e -> e instanceof Entry.Done done && done.step().equals("promote-candidate"));
    assertOldPrimaryFeedsItsStandbys(stand);

    var undone = ToolProcess.run(LIMIT, "undo", file, "--yes");
    assertThat(undone.exitCode()).as(undone.said()).isZero();
    var side = new ServingSide(topology);
    assertThat(side.wrongWithOld(before)).isEmpty();
    assertThat(side.ledger().orElseThrow().clean()).isTrue();
    System.out.printf("story: undo after promotion: %d things as they were%n", before.size());

    execute(stand, "DROP VIEW public.memory");
    var again = ToolProcess.run(LIMIT, "upgrade", file, "--yes");
    assertThat(again.exitCode()).as(again.said()).isZero();
    assertThat(side.wrongWithNew()).isEmpty();
    assertThat(side.ledger().orElseThrow().clean()).isTrue();
  }

  private static void assertOldPrimaryFeedsItsStandbys(SharedLabs.Stand stand) throws SQLException {
    var client = new FleetClient(stand.topology());
    client.write(1);
    for (var name : new String[] {"db2.internal", "db3.internal"}) {
      assertThat(seesSoon(client, name)).as(name).isTrue();
    }
  }

  private static boolean seesSoon(FleetClient client, String name) {
    return dev.upshift.time.Deadline.in(Duration.ofSeconds(20))
        .until(
            Duration.ofMillis(50),
            () -> {
              try {
                return client.sees(name, 1);
              } catch (SQLException e) {
                return false;
              }
            });
  }

  private static void execute(SharedLabs.Stand stand, String sql) throws SQLException {
    try (var connection = new FleetClient(stand.topology()).connect("db1.internal");
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
