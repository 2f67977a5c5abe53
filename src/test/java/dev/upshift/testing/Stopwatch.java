package dev.upshift.testing;

import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Prints how long each test of a story took. */
public final class Stopwatch implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
  private static final Namespace NAMESPACE = Namespace.create(Stopwatch.class);

  @Override
  public void beforeTestExecution(ExtensionContext context) {
    context.getStore(NAMESPACE).put("begin", System.nanoTime());
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    long begin = context.getStore(NAMESPACE).getOrDefault("begin", Long.class, System.nanoTime());
    var took = Duration.ofNanos(System.nanoTime() - begin);
    System.out.printf(
        Locale.ROOT,
        "story: %s, %s: %.1f s%n",
        context.getRequiredTestClass().getSimpleName(),
        context.getDisplayName(),
        took.toMillis() / 1000.0);
  }
}
