package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A talk in which nothing is changed. The program is started only when there is something to ask.
 */
final class DryTalk implements Talk {
  private final String host;
  private final Command command;
  private final Witness witness;
  private final Supplier<Talk> start;
  private @Nullable Talk real;

  DryTalk(String host, Command command, Witness witness, Supplier<Talk> start) {
    this.host = host;
    this.command = command;
    this.witness = witness;
    this.start = start;
  }

  @Override
  public String ask(String line, Deadline deadline) {
    var talk = real == null ? start.get() : real;
    real = talk;
    return talk.ask(line, deadline);
  }

  @Override
  public Optional<String> tell(String line, Deadline deadline) {
    witness.effect(host, line + "  > " + command);
    return Optional.empty();
  }

  @Override
  public boolean isOpen() {
    return real == null || real.isOpen();
  }

  @Override
  public void close() {
    if (real != null) {
      real.close();
    }
  }
}
