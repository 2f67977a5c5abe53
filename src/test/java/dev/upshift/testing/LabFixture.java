package dev.upshift.testing;

import dev.upshift.lab.Lab;
import dev.upshift.lab.LabOptions;
import dev.upshift.lab.Programs;
import dev.upshift.lab.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A small lab for one test or one test class, in a folder of its own: 10 podcasts and no visitors
 * unless the options say otherwise. Closing it ends its processes and removes its folder.
 */
public final class LabFixture implements AutoCloseable {
  /** Small enough to be there in seconds. */
  private static final int TINY = 10;

  private final Path parent;
  private final Lab lab;

  private LabFixture(Path parent, Lab lab) {
    this.parent = parent;
    this.lab = lab;
  }

  /** Servers, HAProxy and fleets; nobody visits. */
  public static LabOptions tiny() {
    return LabOptions.usual().withScale(TINY).withoutVisitors();
  }

  /** Servers only. */
  public static LabOptions serversOnly() {
    return tiny().withoutApplications();
  }

  /** Makes a lab; the options' folder is replaced by a temporary one with a short path. */
  public static LabFixture up(LabOptions options) {
    var parent = parent();
    try {
      return new LabFixture(
          parent, Lab.up(options.withDir(parent.resolve("lab")), Progress.silent()));
    } catch (RuntimeException | Error e) {
      remove(parent);
      throw e;
    }
  }

  /** The newest two versions. */
  public static LabFixture up() {
    return up(tiny());
  }

  /** The lab. */
  public Lab lab() {
    return lab;
  }

  /** The programs that this machine has or can have, as the lab finds them. */
  public static Programs programs() {
    return Programs.forThisUser(java.util.Map.of(), Progress.silent());
  }

  private static Path parent() {
    try {
      var parent = Files.createTempDirectory(Path.of("/tmp"), "ul");
      // As root the servers run as another user, who must pass.
      Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
      return parent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path parent) {
    try {
      Files.deleteIfExists(parent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    lab.down();
    remove(parent);
  }
}
