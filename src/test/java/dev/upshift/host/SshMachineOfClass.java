package dev.upshift.host;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An {@link SshMachine} that is there for all tests of a class. */
final class SshMachineOfClass implements BeforeAllCallback, AfterAllCallback {
  private final Callable<SshMachine> start;
  private @Nullable SshMachine machine;

  SshMachineOfClass(Callable<SshMachine> start) {
    this.start = start;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    machine = start.call();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    get().close();
  }

  SshMachine get() {
    if (machine == null) {
      throw new IllegalStateException("not started");
    }
    return machine;
  }
}
