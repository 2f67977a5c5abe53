package dev.upshift.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Witness;
import dev.upshift.run.Course;
import dev.upshift.run.Stage;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The generated pages say what the program says. */
class GeneratedPagesTest {
  private static final Path DOCS = Path.of("docs");
  private static final Path EXAMPLE = DOCS.resolve("topology-example.yaml");
  private static final String ITS_PASSFILE = "/home/ops/.pgpass";

  /** Most make the candidate by a base backup. */
  private static final String ITS_BACKUP = "(?m)^candidate:\n  restore: .*\n";

  @TempDir private Path folder;

  @Test
  void shouldListTheStepsOfEachPlan() throws IOException {
    var passfile = folder.resolve("passfile");
    Files.writeString(passfile, "*:5432:*:postgres:secret\n");
    Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-------"));
    var file = folder.resolve("upshift.yaml");
    Files.writeString(
        file,
        Files.readString(EXAMPLE)
            .replace(ITS_PASSFILE, passfile.toString())
            .replaceFirst(ITS_BACKUP, ""));

    var topology = TopologyFile.read(file);
    var stage = Stage.dry(topology, folder.resolve("role-password"), Witness.NONE);

    check("steps.md", StepsPage.of(stage.plan(Course.PHYSICAL)));
    check("steps-logical.md", StepsPage.of(stage.plan(Course.LOGICAL)));
    check("steps-switch-back.md", StepsPage.of(stage.plan(Course.SWITCH_BACK)));
    check("steps-finish.md", StepsPage.of(stage.plan(Course.FINISH_NEW)));
  }

  @Test
  void shouldListTheExitCodes() throws IOException {
    check("exit-codes.md", ExitCodesPage.text());
  }

  @Test
  void shouldListTheKeysOfATopology() throws IOException {
    check("topology.md", TopologyPage.of(Files.readString(EXAMPLE)));
  }

  private static void check(String page, String wanted) throws IOException {
    var file = DOCS.resolve(page);
    if (Boolean.getBoolean("docs.rewrite")) {
      Files.writeString(file, wanted);
    }
    assertThat(file)
        .as("run: mvn test -Dtest=GeneratedPagesTest -Ddocs.rewrite=true")
        .hasContent(wanted);
  }
}
