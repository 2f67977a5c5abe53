package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.util.Optional;

/**
 * A program that is kept open on a host and spoken to in lines, so that nothing has to be started
 * while somebody waits. Errors and ordinary output come mixed, in the order in which they were
 * said. Used by one thread at a time; closing it, from whichever thread, ends the program.
 *
 * <p>What fails is a {@link dev.upshift.failure.WorldError}: the program has ended, or it did not
 * answer before the deadline. After a late answer the talk goes on; what belongs to an earlier line
 * is never taken for the answer to a later one.
 */
public interface Talk extends AutoCloseable {

  /** Sends a line that only asks; returns the lines that come back. */
  String ask(String line, Deadline deadline);

  /**
   * Sends a line that changes something; returns the lines that come back, or nothing where it was
   * only shown.
   */
  Optional<String> tell(String line, Deadline deadline);

  /** Whether the program still runs. */
  boolean isOpen();

  /** Ends the program, whatever it is doing. */
  @Override
  void close();
}
