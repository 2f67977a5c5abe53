package dev.upshift.engine;

import java.util.Optional;

/** Asks whether to go on: a key, a flag file, or {@code --yes}. */
@FunctionalInterface
public interface Gate {

  /** Who said go and how. */
  record Go(String who, String how) {}

  /** Waits for the answer; empty means no. */
  Optional<Go> ask(String id, String question);
}
