package dev.upshift.probe.log;

import java.util.Locale;

/** How an attempt ended. */
public enum Outcome {
  /** The server acknowledged it, or a look-up afterwards found its row. */
  OK,
  /** It did not happen, provably: a read without rows, a write that can never be committed. */
  FAIL,
  /** COMMIT was sent, no answer came, and no server that could decide was reached. */
  UNKNOWN;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Outcome ofWord(String word) {
    for (Outcome outcome : values()) {
      if (outcome.word().equals(word)) {
        return outcome;
      }
    }
    throw new IllegalArgumentException("no outcome '" + word + "'");
  }
}
