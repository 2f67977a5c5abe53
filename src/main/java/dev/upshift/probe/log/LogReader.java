package dev.upshift.probe.log;

import dev.upshift.probe.log.LogFormat.Begin;
import dev.upshift.probe.log.LogFormat.End;
import dev.upshift.probe.log.LogFormat.Invoke;
import dev.upshift.probe.log.LogFormat.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts a log together, line by line. */
final class LogReader {
  private final Path file;
  private final List<ProbeProcess> processes = new ArrayList<>();
  private final List<Attempt> attempts = new ArrayList<>();
  private final Map<Lane, Map<Long, Invoke>> open = new EnumMap<>(Lane.class);
  private final Map<AnsweringServer, AnsweringServer> servers = new LinkedHashMap<>();
  private String token = "";
  private long line;

  LogReader(Path file) {
    this.file = file;
  }

  void take(String text) throws IOException {
    line++;
    if (line == 1) {
      if (!text.equals(LogFormat.VERSION_LINE)) {
        throw complaint("is not a probe log of version 1");
      }
      return;
    }
    if (text.endsWith(LogFormat.TORN)) {
      return;
    }
    try {
      apply(LogFormat.parse(text, processes.size() - 1));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ":" + line + ": " + e.getMessage(), e);
    }
  }

  private void apply(LogFormat.Line parsed) throws IOException {
    if (parsed instanceof Begin begin) {
      begin(begin);
      return;
    }
    if (processes.isEmpty()) {
      throw complaint("stands before the first begin line");
    }
    switch (parsed) {
      case Begin _ -> throw new IllegalStateException("taken above");
      case Invoke invoke ->
          open.computeIfAbsent(invoke.lane(), _ -> new LinkedHashMap<>()).put(invoke.n(), invoke);
      case Result result -> result(result.attempt());
      case End end ->
          replaceLast(Optional.of(LogFormat.instant(end.nowMicros())), end.ticksMicros());
    }
  }

  private void begin(Begin begin) throws IOException {
    if (!token.isEmpty() && !token.equals(begin.token())) {
      throw complaint("belongs to another log: token " + begin.token() + ", not " + token);
    }
    token = begin.token();
    processes.add(
        new ProbeProcess(
            begin.pid(),
            LogFormat.instant(begin.processStartedMicros()),
            LogFormat.instant(begin.beganMicros()),
            begin.rate(),
            Optional.empty(),
            0));
  }

  private void result(Attempt read) {
    AnsweringServer server = servers.computeIfAbsent(read.server(), same -> same);
    var attempt =
        new Attempt(
            read.process(),
            read.lane(),
            read.n(),
            read.intendedMicros(),
            read.startMicros(),
            read.endMicros(),
            read.durationMicros(),
            read.ticksMicros(),
            read.outcome(),
            read.state(),
            read.reconnects(),
            server);
    attempts.add(attempt);
    Map<Long, Invoke> invoked = open.get(read.lane());
    if (invoked != null) {
      invoked.remove(read.n());
    }
    replaceLast(
        processes.getLast().ended(),
        Math.max(processes.getLast().lastTicksMicros(), attempt.ticksMicros()));
  }

  private void replaceLast(Optional<Instant> ended, long lastTicksMicros) {
    ProbeProcess p = processes.removeLast();
    processes.add(
        new ProbeProcess(p.pid(), p.processStarted(), p.began(), p.rate(), ended, lastTicksMicros));
  }

  ProbeLog done() throws IOException {
    if (line == 0) {
      throw new IOException(file + ": is not a probe log: it has no whole line");
    }
    List<ProbeLog.Unanswered> unanswered = new ArrayList<>();
    open.values().stream()
        .flatMap(byNumber -> byNumber.values().stream())
        .map(i -> new ProbeLog.Unanswered(i.lane(), i.n(), LogFormat.instant(i.intendedMicros())))
        .forEach(unanswered::add);
    return new ProbeLog(
        token, List.copyOf(processes), List.copyOf(attempts), List.copyOf(unanswered));
  }

  private IOException complaint(String what) {
    return new IOException(file + ":" + line + ": " + what);
  }
}
