package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.testing.ServerPair;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that move while they are compared, and one that is really not the same. */
@Tag("real")
class DataComparisonOnRealServersTest {
  private static final String TABLE = "CREATE TABLE public.account (id int PRIMARY KEY, euros int)";
  private static final String ROWS = "INSERT INTO public.account VALUES (1, 100), (2, 100)";

  private static final String LATER = "INSERT INTO public.account VALUES (3, 100)";
  private static final String MOVE = "UPDATE public.account SET euros = euros + 1 WHERE id = 2";
  private static final String AWAITS_STANDBY =
      "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(10);

  @Test
  void shouldNotTakeABalanceThatWentAndCameBackForADifference() throws Exception {
    try (var one = ServerPair.start();
        var two = ServerPair.start();
        var here = one.primary().connect(ServerPair.DATABASE);
        var there = two.primary().connect(ServerPair.DATABASE)) {
      List.of(here, there).forEach(side -> List.of(TABLE, ROWS).forEach(side::execute));
      there.execute("UPDATE public.account SET euros = 99 WHERE id = 1");
      DataComparison.CatchingUp goesAndComesBack =
          _ -> {
            here.execute("UPDATE public.account SET euros = 99 WHERE id = 1");
            there.execute("UPDATE public.account SET euros = 99 WHERE id = 1");
            here.execute("UPDATE public.account SET euros = 100 WHERE id = 1");
          };
      var moving = compare(one, two, goesAndComesBack);
      assertThat(moving.differences()).isEmpty();
      assertThat(moving.restless()).isEqualTo(1);

      // Somebody is always at work, and commits nothing yet.
      try (var batch = one.primary().jdbc(ServerPair.DATABASE)) {
        batch.setAutoCommit(false);
        batch.createStatement().execute("CREATE TABLE public.batch (n int)");
        var still = compare(one, two, _ -> {});
        assertThat(still.differences())
            .hasSize(1)
            .first()
            .asString()
            .contains("account", "row (1)");
      }
    }
  }

  /**
   * A commit that is on disk and sent, and waits for a standby before it is shown here.
   *
   * @param comes which time of catching up the standby comes at
   * @param moves whether another row is written each time, so that rows are compared one by one
   */
  @ParameterizedTest
  @CsvSource({"2, false", "8, true"})
  void shouldNotTakeARowThatTheNewSideShowsFirstForADifference(int comes, boolean moves)
      throws Exception {
    try (var one = ServerPair.start();
        var two = ServerPair.start();
        var here = one.primary().connect(ServerPair.DATABASE);
        var there = two.primary().connect(ServerPair.DATABASE);
        var writer = one.primary().jdbc(ServerPair.DATABASE)) {
      List.of(here, there).forEach(side -> List.of(TABLE, ROWS).forEach(side::execute));
      here.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      one.primary().reload(Deadline.in(SOON));
      writer.createStatement().execute("SET synchronous_commit = on");
      var commit = new FutureTask<>(() -> writer.createStatement().executeUpdate(LATER));
      Thread.ofVirtual().start(commit);
      assertThat(Deadline.in(SOON).until(PAUSE, () -> here.isTrue(AWAITS_STANDBY))).isTrue();
      there.execute(LATER);

      var asked = new AtomicInteger();
      DataComparison.CatchingUp standbyComes =
          _ -> {
            if (moves && asked.get() < comes) {
              List.of(here, there).forEach(side -> side.execute(MOVE));
            }
            if (asked.incrementAndGet() == comes) {
              here.execute("ALTER SYSTEM RESET synchronous_standby_names");
              one.primary().reload(Deadline.in(SOON));
            }
          };
      assertThat(compare(one, two, standbyComes))
          .isEqualTo(new DataComparison.Found(1, 1, List.of(), 0));
      assertThat(commit.get()).isEqualTo(1);
    }
  }

  private static DataComparison.Found compare(
      ServerPair one, ServerPair two, DataComparison.CatchingUp catchingUp) {
    return new DataComparison(one.primary(), two.primary(), catchingUp)
        .compare(ServerPair.DATABASE, List.of("public.account"), 1);
  }
}
