package dev.upshift.host;

import java.nio.charset.StandardCharsets;

/**
 * What a remote shell sent back.
 *
 * @param exit the exit code
 * @param out everything on its standard output
 * @param err everything on its standard error
 * @param started whether the program could be started at all
 * @param clean whether nothing was left behind that could still write into later answers
 */
@SuppressWarnings("ArrayRecordComponent") // of one answer only, never compared
record Answer(int exit, byte[] out, byte[] err, boolean started, boolean clean) {

  boolean ok() {
    return exit == 0;
  }

  String text() {
    return new String(out, StandardCharsets.UTF_8);
  }

  String errors() {
    return new String(err, StandardCharsets.UTF_8);
  }

  /** Why it failed: behind the last colon of what the program said, as C programs say it. */
  String reason() {
    var lines = errors().lines().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) {
      return "exit code " + exit;
    }
    var last = lines.getLast();
    int colon = last.lastIndexOf(": ");
    return colon < 0 ? last : last.substring(colon + 2);
  }
}
