package dev.upshift.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts the tests that passed on real servers (tags {@code real} and {@code full}) and writes the
 * number to {@code target/real-tests.txt}, for who asks whether they ran at all.
 */
public final class RealTestCount implements TestExecutionListener {
  private static final Path FILE = Path.of("target", "real-tests.txt");

  /** Of the whole process: a build may execute several plans in it. */
  private static final AtomicInteger PASSED = new AtomicInteger();

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    boolean real =
        test.getTags().stream()
            .anyMatch(tag -> tag.getName().equals("real") || tag.getName().equals("full"));
    if (real && test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
      PASSED.incrementAndGet();
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    try {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, PASSED.get() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
