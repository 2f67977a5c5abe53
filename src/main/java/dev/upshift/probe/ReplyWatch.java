package dev.upshift.probe;

/**
 * Sees, on the wire, whether a server has begun to answer. A statement that breaks with 57P01 was
 * either never looked at (the session had ended before), or ended in the middle: the client is told
 * the same. But a backend that looked at it sends ParseComplete in front of its last words, and one
 * that did not sends its last words alone (PostgreSQL's manual, "Message Flow").
 *
 * <p>Behind TLS nothing can be seen; whatever comes counts as an answer then.
 */
final class ReplyWatch {
  /** Told without being asked: ErrorResponse, NoticeResponse, ParameterStatus, notification. */
  private static final String UNASKED = "ENSA";

  private static final int LENGTH_BYTES = 4;

  private boolean replied = true;
  private boolean atType = true;
  private int lengthBytesSeen;
  private int length;
  private long bodyLeft;

  /** A statement is about to be sent, and everything that was answered has been read. */
  synchronized void mark() {
    replied = false;
    atType = true;
  }

  /** Whether an answer has come since the mark; true also if there was no mark. */
  synchronized boolean replied() {
    return replied;
  }

  /** Takes what was read from the socket. */
  synchronized void saw(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count && !replied; ) {
      if (atType) {
        replied = UNASKED.indexOf(bytes[i++]) < 0;
        atType = false;
        lengthBytesSeen = 0;
        length = 0;
      } else if (lengthBytesSeen < LENGTH_BYTES) {
        length = (length << 8) | (bytes[i++] & 0xff);
        lengthBytesSeen++;
        bodyLeft = Math.max(0, (long) length - LENGTH_BYTES);
        atType = lengthBytesSeen == LENGTH_BYTES && bodyLeft == 0;
      } else {
        int skipped = (int) Math.min(bodyLeft, (long) offset + count - i);
        i += skipped;
        bodyLeft -= skipped;
        atType = bodyLeft == 0;
      }
    }
  }
}
