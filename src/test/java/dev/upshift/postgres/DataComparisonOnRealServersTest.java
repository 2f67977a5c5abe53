package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.testing.ServerPair;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows that move while they are compared, and one that is really not the same. */
@Tag("real")
class DataComparisonOnRealServersTest {
  private static final String TABLE = "CREATE TABLE public.account (id int PRIMARY KEY, euros int)";
  private static final String ROWS = "INSERT INTO public.account VALUES (1, 100), (2, 100)";

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

      var still = compare(one, two, _ -> {});
      assertThat(still.differences()).hasSize(1).first().asString().contains("account", "row (1)");
    }
  }

  private static DataComparison.Found compare(
      ServerPair one, ServerPair two, DataComparison.CatchingUp catchingUp) {
    return new DataComparison(one.primary(), two.primary(), catchingUp)
        .compare(ServerPair.DATABASE, List.of("public.account"), 1);
  }
}
