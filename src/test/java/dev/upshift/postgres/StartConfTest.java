package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology.Admin;
import dev.upshift.topology.Topology.Role;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Service;
import dev.upshift.topology.Topology.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartConfTest {
  private static final Service PG_CTL = new Service.PgCtl();
  @TempDir Path folder;

  private StartConf with(String text) throws IOException {
    Files.writeString(folder.resolve(StartConf.FILE), text);
    return new StartConf(new LocalHost("here", Witness.NONE), folder);
  }

  private String text() throws IOException {
    return Files.readString(folder.resolve(StartConf.FILE));
  }

  @Test
  void shouldComeUpWhenItIsSettledAndNotBefore() throws IOException {
    var meant = "# auto, manual or disabled\n auto # by hand\n";
    var copy = with(StartConf.forLater(meant));
    assertThat(text().lines().filter(line -> !line.startsWith("#")))
        .allMatch(line -> line.strip().startsWith("manual"));
    assertThat(copy.mayComeUp()).isFalse();
    assertThat(copy.comeUp()).isTrue();
    assertThat(text()).isEqualTo(meant);
    assertThat(copy.mayComeUp()).isTrue();
    assertThat(copy.comeUp()).isFalse();
  }

  @Test
  void shouldKeepWhatAnOperatorMeant() throws IOException {
    for (var word : new String[] {"manual", "disabled"}) {
      var conf = with(StartConf.forLater(word + "\n"));
      assertThat(conf.comeUp()).isFalse();
      conf.stayDown();
      assertThat(text()).isEqualTo(word + "\n");
      assertThat(conf.mayComeUp()).isTrue();
    }
  }

  @Test
  void shouldStayDown() throws IOException {
    with("auto\n").stayDown();
    assertThat(text()).isEqualTo("manual\n");
    assertThat(new StartConf(new LocalHost("here", Witness.NONE), folder.resolve("none")).comeUp())
        .isFalse();
  }

  /** Debian's start.conf stands there also where pg_ctl starts the server. */
  @Test
  void shouldComeUpAlsoWherePgCtlStartsIt() throws IOException {
    with(StartConf.forLater("auto\n"));
    var side =
        new Side(PgVersion.of(17), folder, "/nowhere", folder.toString(), 5432, "/nowhere", PG_CTL);
    var server =
        new PgServer(
            new Server("here", "127.0.0.1", Role.CANDIDATE),
            side,
            new Admin("postgres", folder, "nobody", "postgres"),
            new LocalHost("here", Witness.NONE),
            Sessions.live(folder, Witness.NONE));
    assertThat(server.mayComeUp()).isFalse();
    server.comeUpWithMachine();
    assertThat(server.mayComeUp()).isTrue();
    assertThat(text()).isEqualTo("auto\n");
    server.stayDownWithMachine();
    assertThat(text()).isEqualTo("manual\n");
  }
}
