package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The candidate is behind when the operator wants to switch: clients must not wait for that. */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class CandidateLagsStory {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String TWO_MEGABYTES =
      "CREATE TABLE public.big AS SELECT repeat(md5(n::text), 20) FROM generate_series(1, 4000) n";

  @Test
  void shouldRefuseTheSwitchUntilTheCandidateHasCaughtUp(SharedLabs.Labs labs) throws Exception {
    var stand = labs.servers();
    var file = stand.with("strict-lag", "lag: 16MB", "lag: 1MB");
    var topology = TopologyFile.read(file);
    var candidate = Stage.live(topology, Path.of("unused"), Witness.NONE).candidate();
    var prepared = stand.run(file, Upgrade.Ask.PREPARE, _ -> {});
    assertThat(prepared).matches(end -> isCompleted(end), "prepared");

    candidate.execute("SELECT pg_wal_replay_pause()");
    execute(stand, TWO_MEGABYTES);
    var refused = ToolProcess.run(LIMIT, "switch", file.toString(), "--yes");
    assertThat(refused.exitCode()).as(refused.said()).isEqualTo(4);
    assertThat(refused.said())
        .contains("db4 (" + SharedLabs.FROM + ")", "bytes behind", "HINT", "upshift resume");
    var client = new FleetClient(topology);
    client.write(3);
    assertThat(client.address("db1.internal")).isEqualTo(topology.primary().address());

    candidate.execute("SELECT pg_wal_replay_resume()");
    var asked = new AtomicInteger();
    Gate no =
        (_, _) -> {
          asked.incrementAndGet();
          return Optional.empty();
        };
    var end = new Upgrade(topology, Method.PHYSICAL, no, _ -> {}).run(Upgrade.Ask.SWITCH);
    assertThat(((RunEnd.Walked) end).outcome()).isInstanceOf(Outcome.NoGo.class);
    assertThat(asked).hasValue(1);

    execute(stand, "DROP TABLE public.big");
    stand.run(file, Upgrade.Ask.UNDO, _ -> {});
    assertThat(new ServingSide(topology).wrongWithOld(stand.before())).isEmpty();
  }

  private static boolean isCompleted(RunEnd end) {
    return end instanceof RunEnd.Walked(Outcome.Completed(), var _, var _);
  }

  private static void execute(SharedLabs.Stand stand, String sql) throws SQLException {
    try (var connection = new FleetClient(stand.topology()).connect("db1.internal");
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
