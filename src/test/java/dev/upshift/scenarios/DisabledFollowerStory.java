package dev.upshift.scenarios;

import static dev.upshift.testing.Following.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.testing.Following;
import dev.upshift.testing.LedgerClient;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The way back is opened while the worker of the way forward still runs: it is not waited for,
 * because it applies no transaction that begins once its subscription is disabled.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class DisabledFollowerStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration A_WHILE = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int WRITES = 50;
  private static final String ROWS = "SELECT count(*) FROM upshift_probe.ledger_keyed";

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void shouldApplyNothingThatBeginsOnceItIsDisabled(int version) throws Exception {
    try (var pair = ServerPair.start(PgVersion.of(version), UnaryOperator.identity())) {
      var following = new Following(pair);
      following.copy();
      var common = following.slots();
      following.cutOff(common, Map.of());
      following.subscribe(common);
      var follower = pair.follower();
      var copy = follower.server();
      var database =
          common.databases().stream()
              .filter(one -> one.name().equals(ServerPair.DATABASE))
              .findFirst()
              .orElseThrow();
      var ledger = new LedgerClient(pair.file("ledger.log"));
      try (var client = pair.connect(pair.primary(), ServerPair.DATABASE)) {
        ledger.write(client, WRITES);
        following.drain(common).apply(NOTHING);
        var applied = copy.ask(ROWS);
        follower.disable(database);
        ledger.write(client, WRITES);
        assertThat(follower.isDisabled(database)).isTrue();
        assertThat(Deadline.in(A_WHILE).until(PAUSE, () -> !copy.ask(ROWS).equals(applied)))
            .as("applied although it is disabled")
            .isFalse();
        // It was not just late: they are there, and come when it may go on.
        follower.enable(database);
        assertThat(
                Deadline.in(SOON)
                    .until(PAUSE, () -> copy.ask(ROWS).equals(pair.primary().ask(ROWS))))
            .isTrue();
      }
    }
  }
}
