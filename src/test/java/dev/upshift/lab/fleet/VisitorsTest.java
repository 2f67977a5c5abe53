package dev.upshift.lab.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.lab.fleet.Site.Answer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisitorsTest {
  private static final Set<String> USED =
      Set.of(
          "site",
          "api",
          "pages",
          "searches",
          "api-reads",
          "playlists",
          "clips",
          "logins",
          "out",
          "seconds",
          "stop-file");

  @TempDir private Path folder;

  @Test
  void shouldTellRestingWritesFromFailedOnesAndCountByPath() throws Exception {
    String totals = visit("--seconds", "1.5");
    assertThat(totals)
        .contains("\"ended\":true", "\"underWay\":0")
        .containsPattern("\"reads\":\\{\"ok\":[1-9]\\d*,\"resting\":0,\"failed\":[1-9]")
        .containsPattern("\"writes\":\\{\"ok\":[1-9]\\d*,\"resting\":[1-9]\\d*,\"failed\":0")
        .containsPattern("\"/clip\":\\{\"ok\":0,\"resting\":[1-9]")
        .containsPattern("\"/search HTTP 500\":[1-9]")
        .doesNotContain("/login");
  }

  @Test
  void shouldEndWhenTheStopFileIsThere() throws Exception {
    Path stop = Files.createFile(folder.resolve("stop"));
    assertThat(visit("--stop-file", stop.toString())).contains("\"ended\":true");
  }

  private String visit(String name, String value) throws Exception {
    Path out = folder.resolve("visitors.json");
    Site site =
        new Site(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), VisitorsTest::answer);
    try {
      String address = "http://127.0.0.1:" + site.port();
      new Visitors(
              Arguments.parse(
                  new String[] {
                    "--site",
                    address,
                    "--api",
                    address,
                    "--pages",
                    "40",
                    "--searches",
                    "20",
                    "--api-reads",
                    "10",
                    "--playlists",
                    "20",
                    "--clips",
                    "20",
                    "--logins",
                    "0",
                    "--out",
                    out.toString(),
                    name,
                    value
                  },
                  USED))
          .awaitEnd();
      return Files.readString(out);
    } finally {
      site.stop();
    }
  }

  private static Answer answer(Site.Request request) {
    return switch (request.path()) {
      case "/search" -> Answer.text(500, "no");
      case "/playlist" -> Answer.text(201, "playlist is saved");
      case "/clip" -> Answer.text(503, Service.RESTING + ", SQLSTATE 25006");
      default -> Answer.html("page");
    };
  }

  @Test
  void shouldMeasureTheLongestTimeWithoutAGoodAnswer() {
    Tally tally = new Tally();
    long second = TimeUnit.SECONDS.toNanos(1);
    tally.add(Tally.Outcome.OK, second / 10, 10 * second);
    tally.add(Tally.Outcome.FAILED, second / 2, 12 * second);
    tally.add(Tally.Outcome.OK, second / 10, 14 * second);
    tally.add(Tally.Outcome.OK, second / 10, 15 * second);
    assertThat(tally.totals(16 * second))
        .containsEntry("ok", 3L)
        .containsEntry("failed", 1L)
        .containsEntry("longestMillis", 500L)
        .containsEntry("longestStallMillis", 4000L);
    assertThat(tally.totals(21 * second)).containsEntry("longestStallMillis", 6000L);
  }
}
