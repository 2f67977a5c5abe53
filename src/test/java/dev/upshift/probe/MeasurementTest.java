package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.probe.log.ProbeProcess;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MeasurementTest {
  private static final Instant BEGAN = Instant.parse("2026-01-02T03:04:05Z");

  private final List<ProbeProcess> processes = new ArrayList<>(List.of(process(BEGAN, 10_000)));
  private final List<Attempt> attempts = new ArrayList<>();

  private static ProbeProcess process(Instant began, long millis) {
    return new ProbeProcess(1, began, began, 20, Optional.empty(), millis * 1000);
  }

  private void attempt(Lane lane, long intendedMillis, long endMillis, String state) {
    attempt(0, lane, intendedMillis, endMillis, state);
  }

  private void attempt(int process, Lane lane, long intendedMillis, long endMillis, String state) {
    long began = ChronoUnit.MICROS.between(Instant.EPOCH, processes.get(process).began());
    attempts.add(
        new Attempt(
            process,
            lane,
            attempts.size(),
            began + intendedMillis * 1000,
            began + intendedMillis * 1000,
            began + endMillis * 1000,
            (endMillis - intendedMillis) * 1000,
            endMillis * 1000,
            state.isEmpty() ? Outcome.OK : Outcome.FAIL,
            state,
            0,
            AnsweringServer.NONE));
  }

  private Measurement measure(List<Hold> holds, Optional<Window> window) {
    return Measurement.of(new ProbeLog("t", processes, attempts, List.of()), holds, window);
  }

  private Measurement measure() {
    return measure(List.of(), Optional.empty());
  }

  private static Instant at(long millis) {
    return BEGAN.plusMillis(millis);
  }

  @Test
  void shouldTakeTheLongestGapOverBothLanes() {
    attempt(Lane.READ_KEPT, 900, 1000, "");
    attempt(Lane.READ_FRESH, 3900, 4000, "");
    attempt(Lane.READ_KEPT, 4900, 5000, "57P01");
    attempt(Lane.READ_KEPT, 7400, 7500, "");
    attempt(Lane.WRITE_KEPT, 5900, 6000, "");
    Figures reads = measure().reads();
    assertThat(reads.longestGapMillis()).isEqualTo(3500);
    assertThat(reads.longestGapFrom()).contains(at(4000));
    assertThat(reads.longestGapTo()).contains(at(7500));
    assertThat(reads.kept().orElseThrow().longestGapMillis()).isEqualTo(6500);
    assertThat(reads.fresh().orElseThrow().longestGapMillis()).isEqualTo(6000);
  }

  @Test
  void shouldCountTheGapsAtTheBeginAndTheEnd() {
    attempt(Lane.WRITE_KEPT, 6900, 7000, "");
    assertThat(measure().writes().longestGapFrom()).contains(at(0));
    assertThat(measure().writes().longestGapMillis()).isEqualTo(7000);
    assertThat(measure().reads().longestGapMillis()).isEqualTo(10_000);
    attempts.clear();
    attempt(Lane.WRITE_KEPT, 1900, 2000, "");
    assertThat(measure().writes().longestGapMillis()).isEqualTo(8000);
    assertThat(measure().writes().longestGapTo()).contains(at(10_000));
  }

  @Test
  void shouldNotCountTheTimeBetweenTwoProbes() {
    processes.add(process(at(60_000), 1000));
    for (long i = 1; i <= 10; i++) {
      attempt(0, Lane.READ_KEPT, i * 1000 - 1, i * 1000, "");
    }
    attempt(1, Lane.READ_KEPT, 499, 500, "");
    assertThat(measure().reads().longestGapMillis()).isEqualTo(1000);
    assertThat(measure().unmeasuredMillis()).isEqualTo(50_000);
  }

  @Test
  void shouldTakeLatenciesOfAcknowledgedAttemptsOnly() {
    for (long i = 0; i < 98; i++) {
      attempt(Lane.READ_KEPT, i * 50, i * 50 + 2, "");
    }
    attempt(Lane.READ_FRESH, 5000, 6000, "");
    attempt(Lane.READ_FRESH, 5000, 7000, "");
    attempt(Lane.READ_FRESH, 5000, 9999, "08006");
    Figures reads = measure().reads();
    assertThat(reads.attempts()).isEqualTo(101);
    assertThat(reads.acknowledged()).isEqualTo(100);
    assertThat(reads.p50Millis()).isCloseTo(2, within(0.01));
    assertThat(reads.p99Millis()).isCloseTo(1000, within(1.0));
    assertThat(reads.maxMillis()).isEqualTo(2000);
    assertThat(reads.kept().orElseThrow().maxMillis()).isEqualTo(2);
  }

  @Test
  void shouldExplainWritesOnlyByAHoldAndItsStates() {
    attempt(Lane.WRITE_KEPT, 1000, 1001, "25006");
    attempt(Lane.WRITE_KEPT, 1900, 2001, "57P01");
    attempt(Lane.WRITE_FRESH, 2100, 2101, "42P01");
    attempt(Lane.WRITE_FRESH, 5000, 5001, "25006");
    attempt(Lane.WRITE_FRESH, 800, 8000, "08006");
    attempt(Lane.READ_FRESH, 2100, 2101, "57P01");
    // The hold's margin of 250 ms reaches from 1750 to 3250.
    Measurement measured = measure(List.of(new Hold(at(2000), at(3000))), Optional.empty());
    assertThat(measured.writes().errors()).isEqualTo(5);
    assertThat(measured.writes().errorsByState())
        .containsEntry("25006", 2L)
        .containsEntry("57P01", 1L)
        .containsEntry("42P01", 1L)
        .containsEntry("08006", 1L);
    assertThat(measured.writes().unexplained()).isEqualTo(3);
    assertThat(measured.reads().unexplained()).isEqualTo(1);
    assertThat(measure().writes().unexplained()).isEqualTo(5);
  }

  @Test
  void shouldShowTheSwitchWindowOnItsOwn() {
    attempt(Lane.WRITE_KEPT, 900, 1000, "");
    attempt(Lane.WRITE_KEPT, 1900, 2500, "");
    attempt(Lane.WRITE_KEPT, 2600, 2700, "25006");
    attempt(Lane.WRITE_FRESH, 2900, 6000, "");
    attempt(Lane.WRITE_FRESH, 7000, 7001, "");
    Figures inSwitch =
        measure(List.of(), Optional.of(new Window(at(2000), at(4000))))
            .writes()
            .inSwitch()
            .orElseThrow();
    assertThat(inSwitch.attempts()).isEqualTo(3);
    assertThat(inSwitch.errors()).isEqualTo(1);
    assertThat(inSwitch.maxMillis()).isEqualTo(3100);
    assertThat(inSwitch.longestGapMillis()).isEqualTo(1500);
    assertThat(inSwitch.longestGapTo()).contains(at(4000));
    assertThat(inSwitch.kept().orElseThrow().attempts()).isEqualTo(2);
    assertThat(measure().writes().inSwitch()).isEmpty();
  }
}
