package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.lists;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

/** Our block goes in on top and comes out again, and leaves every other byte as it was. */
class HbaFileTest {
  private static final List<String> LINES = HbaFile.rejectAll();

  private static final Gen<String> CHAOS =
      lists()
          .of(
              pick(
                  List.of(
                      "host all all all reject\n",
                      "# >>> upshift other: remove only with upshift\n",
                      "# <<< upshift other\n",
                      "# <<< upshift fence\n",
                      "# >>> upshift fence",
                      "local all all trust",
                      "\r\n",
                      "\n",
                      " \t",
                      "\u00e9\u4e2d",
                      "\0",
                      "# no end")))
          .ofSizeBetween(0, 12)
          .map(pieces -> String.join("", pieces));

  @Test
  void shouldLeaveEveryOtherByteAsItWas() {
    qt().withExamples(5_000)
        .forAll(CHAOS)
        .check(text ->
            new HbaFile(text).withBlock("fence", LINES).withoutBlock("fence").text().equals(text));
  }

  @Test
  void shouldPutItsBlockOnTopOnceHoweverOften() {
    qt().withExamples(5_000)
        .forAll(CHAOS)
        .check(text -> {
          var once = new HbaFile(text).withBlock("fence", LINES);
          return once.text().startsWith("# >>> upshift fence")
              && once.hasBlock("fence")
              && once.withBlock("fence", LINES).equals(once);
        });
  }

  /** Whoever comes from elsewhere is rejected by one of its lines, as by the one in their place. */
  @Test
  void shouldHaveAGapForSomeAddressesAndCloseItToTheByte() {
    var some = List.of(InetAddress.ofLiteral("10.0.0.7"), InetAddress.ofLiteral("fd00::7"));
    qt().withExamples(1_000)
        .forAll(CHAOS)
        .check(text -> {
          var fenced = new HbaFile(text).withBlock("fence", LINES);
          var gap = fenced.withGap("fence", some);
          var rejected =
              gap.text()
                  .substring(0, gap.text().indexOf("# <<< upshift fence"))
                  .lines()
                  .filter(line -> line.startsWith("host     all ") && line.endsWith(" reject"))
                  .map(line -> line.split(" +")[3])
                  .toList();
          return rejected.equals(OtherAddresses.than(some))
              && gap.hasBlock("fence")
              && gap.withoutBlock("fence").text().equals(text)
              && gap.withoutGap("fence").equals(fenced)
              && fenced.withoutGap("fence").equals(fenced);
        });
    var free = new HbaFile("host all all all md5\n");
    assertThat(free.withGap("fence", some)).isEqualTo(free);
  }

  @Test
  void shouldTakeBlocksOutInAnyOrder() {
    var text = "host all all all scram-sha-256\n";
    var both = new HbaFile(text).withBlock("a", LINES).withBlock("b", List.of());
    assertThat(both.withoutBlock("a").withoutBlock("b").text()).isEqualTo(text);
    assertThat(both.withoutBlock("b").withoutBlock("a").text()).isEqualTo(text);
    assertThat(both.withoutBlock("b").hasBlock("a")).isTrue();
    assertThat(both.withoutBlock("b").hasBlock("b")).isFalse();
  }

  @Test
  void shouldQuoteUsersWhoseNamesNeedIt() {
    assertThat(HbaFile.allow("host", "replication", "o\"dd all", Optional.of("10.0.0.1/32")))
        .matches("host +replication +\"o\"\"dd all\" +10.0.0.1/32 +md5");
  }
}
