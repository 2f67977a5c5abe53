package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.time.Duration;

/** There is no complete answer from a machine that is reached by ssh. */
final class Unanswered extends Exception {
  private static final long serialVersionUID = 1;

  /** What is known of what was to be done. */
  enum Kind {
    /** The connection was lost before it was sent: it was not done. */
    LOST_BEFORE,
    /** The connection was lost after it was sent. */
    LOST,
    /** It passed its limit and was killed. */
    KILLED,
    /** It passed its limit, and nothing answers to whom the kill could be told. */
    STUCK,
    /** It passed its limit before there was a session for it: it was not done. */
    BUSY
  }

  private final Kind kind;

  /**
   * No answer.
   *
   * @param said ssh's last lines; may be empty
   */
  Unanswered(Kind kind, String said) {
    super(said);
    this.kind = kind;
  }

  /** Whether a new connection may help. */
  boolean isLost() {
    return kind == Kind.LOST || kind == Kind.LOST_BEFORE;
  }

  /** Whether nothing was sent. */
  boolean wasNotSent() {
    return kind == Kind.LOST_BEFORE;
  }

  /** What ssh said. */
  String said() {
    return String.valueOf(getMessage());
  }

  /** For the operator. */
  WorldError error(String host, String what, Duration limit) {
    var late = "'%s' did not end within %d s".formatted(what, limit.toSeconds());
    var lines = said().isEmpty() ? "" : "\n  " + said().replace("\n", "\n  ");
    return switch (kind) {
      case KILLED -> new WorldError(host, late, "", this);
      case STUCK ->
          new WorldError(
              host,
              late + ", and the connection does not answer: it may still run" + lines,
              "see whether the machine and the network to it are up, and on the machine whether it"
                  + " still runs",
              this);
      case BUSY ->
          new WorldError(
              host,
              late + ": there was no session for it in that time, so it was not begun" + lines,
              "see whether the machine and the network to it are up and not overloaded, and whether"
                  + " MaxSessions in its sshd_config is below 10",
              this);
      case LOST ->
          new WorldError(
              host,
              "the connection was lost while '" + what + "' was under way: it may have run" + lines,
              "see whether the machine and the network to it are up; look whether it was done"
                  + " before it is done again",
              this);
      case LOST_BEFORE ->
          new WorldError(
              host,
              "the connection was lost before '" + what + "' was sent: it was not run" + lines,
              "see whether the machine and the network to it are up",
              this);
    };
  }
}
