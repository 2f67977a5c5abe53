package dev.upshift.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.time.Deadline;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** This machine. */
class LocalHostJobsTest extends HostJobsContract {
  @Override
  Host host(String name, Witness witness) {
    return new LocalHost(name, witness);
  }

  @Test
  void shouldGoOnWhenTheProcessThatLaunchedItIsKilled() throws Exception {
    var host = host("db4", Witness.NONE);
    var job = temp.resolve("job");
    var soon = Duration.ofSeconds(20);
    var go = temp.resolve("go");
    var script = "while [ ! -e " + go + " ]; do sleep 0.05; done; echo done; exit 3";
    var child = new ProcessBuilder(HostChild.command("launch", job.toString(), script)).start();
    try (var said = child.inputReader(UTF_8)) {
      assertThat(said.readLine()).isEqualTo("launched");
      child.destroyForcibly();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(host.state(job)).isEqualTo(new JobState.Running());
    Files.writeString(go, "");
    assertThat(host.await(job, Deadline.in(soon))).isEqualTo(new JobState.Ended(3));
    assertThat(host.readText(job.resolve("out"))).hasValue("done\n");
  }
}
