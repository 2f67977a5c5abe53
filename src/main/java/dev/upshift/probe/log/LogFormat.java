package dev.upshift.probe.log;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The lines of a probe log, version 1. Fields are parted by one blank; "-" stands for an empty
 * field; times are microseconds since 1970 by the wall clock, ticks are microseconds since the
 * begin line by the monotonic clock.
 *
 * <pre>
 * upshift-probe-log 1
 * begin PID PROCESS-STARTED BEGAN TOKEN RATE
 * invoke LANE N INTENDED NOW
 * result LANE N INTENDED START END DURATION TICKS OUTCOME STATE RECONNECTS ADDRESS/VERSION/SYSTEM
 * end NOW TICKS
 * </pre>
 *
 * <p>The first line stands once. Each process that writes begins with {@code begin}; that line also
 * says that the probe is ready. Writes have an {@code invoke} line before they are sent; reads have
 * none, since no claim hangs on them. A write without {@code result} is unknown. The writer of a
 * row in the ledger is TOKEN-LANE, where TOKEN is the log's own. {@code end} is missing if the
 * process was killed.
 *
 * <p>A last line without its line end is torn and is not read. Whoever continues such a log closes
 * it with " ~torn", and it is never read.
 */
final class LogFormat {
  static final String VERSION_LINE = "upshift-probe-log 1";
  static final String TORN = " ~torn";

  private LogFormat() {}

  sealed interface Line {}

  record Begin(long pid, long processStartedMicros, long beganMicros, String token, int rate)
      implements Line {}

  record Invoke(Lane lane, long n, long intendedMicros, long nowMicros) implements Line {}

  record Result(Attempt attempt) implements Line {}

  record End(long nowMicros, long ticksMicros) implements Line {}

  static String write(Line line) {
    return switch (line) {
      case Begin b -> join("begin", b.pid, b.processStartedMicros, b.beganMicros, b.token, b.rate);
      case Invoke i -> join("invoke", i.lane.id(), i.n, i.intendedMicros, i.nowMicros);
      case Result r -> writeResult(r.attempt);
      case End e -> join("end", e.nowMicros, e.ticksMicros);
    };
  }

  private static String writeResult(Attempt a) {
    AnsweringServer server = a.server();
    return join(
        "result",
        a.lane().id(),
        a.n(),
        a.intendedMicros(),
        a.startMicros(),
        a.endMicros(),
        a.durationMicros(),
        a.ticksMicros(),
        a.outcome().word(),
        dashed(a.state()),
        a.reconnects(),
        dashed(server.address())
            + "/"
            + server.versionNum()
            + "/"
            + dashed(server.systemIdentifier()));
  }

  /**
   * Reads one whole line.
   *
   * @param process the number of the process that wrote it
   * @throws IllegalArgumentException when it is not a line of this format
   */
  static Line parse(String text, int process) {
    String[] f = text.split(" ", -1);
    return switch (f[0]) {
      case "begin" -> {
        expect(f, 6);
        yield new Begin(
            Long.parseLong(f[1]),
            Long.parseLong(f[2]),
            Long.parseLong(f[3]),
            f[4],
            Integer.parseInt(f[5]));
      }
      case "invoke" -> {
        expect(f, 5);
        yield new Invoke(
            Lane.ofId(f[1]), Long.parseLong(f[2]), Long.parseLong(f[3]), Long.parseLong(f[4]));
      }
      case "result" -> {
        expect(f, 12);
        yield new Result(parseResult(f, process));
      }
      case "end" -> {
        expect(f, 3);
        yield new End(Long.parseLong(f[1]), Long.parseLong(f[2]));
      }
      default -> throw new IllegalArgumentException("'" + f[0] + "' begins no line of a probe log");
    };
  }

  private static Attempt parseResult(String[] f, int process) {
    return new Attempt(
        process,
        Lane.ofId(f[1]),
        Long.parseLong(f[2]),
        Long.parseLong(f[3]),
        Long.parseLong(f[4]),
        Long.parseLong(f[5]),
        Long.parseLong(f[6]),
        Long.parseLong(f[7]),
        Outcome.ofWord(f[8]),
        undashed(f[9]),
        Integer.parseInt(f[10]),
        parseServer(f[11]));
  }

  private static AnsweringServer parseServer(String text) {
    String[] f = text.split("/", -1);
    expect(f, 3);
    return new AnsweringServer(undashed(f[0]), Integer.parseInt(f[1]), undashed(f[2]));
  }

  static Instant instant(long micros) {
    return Attempt.instant(micros);
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static void expect(String[] fields, int count) {
    if (fields.length != count) {
      throw new IllegalArgumentException(
          fields.length + " fields, where " + count + " are expected");
    }
  }

  private static String join(Object... fields) {
    var line = new StringBuilder(128);
    for (Object field : fields) {
      line.append(line.isEmpty() ? "" : " ").append(field);
    }
    return line.toString();
  }

  private static String dashed(String field) {
    return field.isEmpty() ? "-" : field;
  }

  /** Interned: a log holds millions of them, and only a few different ones. */
  private static String undashed(String field) {
    return field.equals("-") ? "" : field.intern();
  }
}
