package dev.upshift.probe.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFormatTest {
  @TempDir Path folder;

  private static Attempt attempt(Lane lane, long n, Outcome outcome, String state) {
    return new Attempt(
        0,
        lane,
        n,
        1_700_000_000_000_000L,
        1_700_000_000_000_100L,
        1_700_000_000_002_000L,
        2000,
        12_000,
        outcome,
        state,
        1,
        new AnsweringServer("127.0.0.9", 150018, "7300000000000000001"));
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    Path file = folder.resolve("probe.log");
    Instant began = Instant.parse("2026-01-02T03:04:05.000006Z");
    try (var writer = ProbeLogWriter.open(file)) {
      writer.begin(began, 20);
      writer.invoke(Lane.WRITE_KEPT, 1, 5, 6);
      writer.result(attempt(Lane.WRITE_KEPT, 1, Outcome.OK, ""));
      writer.invoke(Lane.WRITE_FRESH, 1, 7, 8);
      writer.result(attempt(Lane.READ_FRESH, 1, Outcome.FAIL, "57P01"));
      writer.end(began.plusSeconds(9), 9_000_000);
    }
    ProbeLog log = ProbeLog.read(file);
    assertThat(log.attempts())
        .containsExactly(
            attempt(Lane.WRITE_KEPT, 1, Outcome.OK, ""),
            attempt(Lane.READ_FRESH, 1, Outcome.FAIL, "57P01"));
    assertThat(log.unanswered())
        .containsExactly(new ProbeLog.Unanswered(Lane.WRITE_FRESH, 1, LogFormat.instant(7)));
    ProbeProcess process = log.processes().getFirst();
    assertThat(process.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(process.began()).isEqualTo(began);
    assertThat(process.rate()).isEqualTo(20);
    assertThat(process.ended()).contains(began.plusSeconds(9));
    assertThat(process.lastTicksMicros()).isEqualTo(9_000_000);
    assertThat(log.running()).isEmpty();
  }

  @Test
  void shouldNameTheRunningProbeUntilItEnds() throws IOException {
    Path file = folder.resolve("probe.log");
    try (var writer = ProbeLogWriter.open(file)) {
      writer.begin(Instant.now(), 20);
      assertThat(ProbeLog.read(file).running().map(ProcessHandle::pid))
          .contains(ProcessHandle.current().pid());
    }
  }

  @Test
  void shouldNotTakeAnotherProcessOfTheSamePidForTheProbe() {
    var reused =
        new ProbeProcess(
            ProcessHandle.current().pid(),
            Instant.now().minusSeconds(86_400),
            Instant.now(),
            20,
            java.util.Optional.empty(),
            0);
    assertThat(reused.running()).isEmpty();
  }

  @Test
  void shouldLeaveOutATornLastLine() throws IOException {
    Path file = written();
    String torn =
        LogFormat.write(new LogFormat.Result(attempt(Lane.WRITE_KEPT, 2, Outcome.OK, "")));
    for (int cut = 1; cut <= torn.length(); cut++) {
      Path copy = folder.resolve("copy");
      Files.writeString(copy, Files.readString(file) + torn.substring(0, cut));
      assertThat(ProbeLog.read(copy).attempts()).hasSize(1);
    }
  }

  @Test
  void shouldContinueATornLogWithNumbersThatWereNeverUsed() throws IOException {
    Path file = written();
    Files.writeString(file, "invoke write-kept 2 17", StandardOpenOption.APPEND);
    String writer;
    try (var second = ProbeLogWriter.open(file)) {
      writer = second.writer(Lane.WRITE_KEPT);
      second.begin(Instant.now(), 20);
      assertThat(second.firstNumber(Lane.WRITE_KEPT)).isGreaterThan(2);
      assertThat(second.firstNumber(Lane.WRITE_FRESH)).isGreaterThan(5);
      assertThat(second.firstNumber(Lane.READ_KEPT)).isEqualTo(1);
      second.result(attempt(Lane.WRITE_KEPT, 3000, Outcome.OK, ""));
    }
    ProbeLog log = ProbeLog.read(file);
    assertThat(log.writer(Lane.WRITE_KEPT)).isEqualTo(writer);
    assertThat(log.processes()).hasSize(2);
    assertThat(log.attempts()).extracting(Attempt::n).containsExactly(1L, 3000L);
    assertThat(log.attempts()).extracting(Attempt::process).containsExactly(0, 1);
  }

  @Test
  void shouldRefuseALogThatAnotherProbeWrites() throws IOException {
    Path file = folder.resolve("probe.log");
    try (var writer = ProbeLogWriter.open(file)) {
      writer.begin(Instant.now(), 20);
      assertThatThrownBy(() -> ProbeLogWriter.open(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another probe");
    }
  }

  @Test
  void shouldNameFileAndLineOfWhatIsNoLog() throws IOException {
    Path file = written();
    Files.writeString(file, "result write-kept x\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> ProbeLog.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + ":5");
    Path other = Files.writeString(folder.resolve("other"), "hello\n");
    assertThatThrownBy(() -> ProbeLog.read(other)).hasMessageContaining("not a probe log");
  }

  /** A log of a probe that was killed: four lines, no end line. */
  private Path written() throws IOException {
    Path file = folder.resolve("probe.log");
    try (var writer = ProbeLogWriter.open(file)) {
      writer.begin(Instant.now(), 20);
      writer.result(attempt(Lane.WRITE_KEPT, 1, Outcome.OK, ""));
      writer.invoke(Lane.WRITE_FRESH, 5, 7, 8);
    }
    return file;
  }
}
