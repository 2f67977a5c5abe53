package dev.upshift.traffic;

import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Makes clients wait where the hold will be short enough for that, and parks them otherwise:
 * PgBouncer ends whoever has waited for query_wait_timeout (DESIGN.md §6, fact 19).
 */
public final class WaitingIfItFits implements TrafficHold {
  private final TrafficHold waiting;
  private final TrafficHold parking;
  private final Supplier<Boolean> fits;
  private Optional<Boolean> fitted = Optional.empty();

  /**
   * The one or the other.
   *
   * @param fits whether the hold is short enough; asked while nobody is held yet
   */
  public WaitingIfItFits(TrafficHold waiting, TrafficHold parking, Supplier<Boolean> fits) {
    this.waiting = waiting;
    this.parking = parking;
    this.fits = fits;
  }

  @Override
  public String title() {
    return waiting.title() + ", if the hold is short enough for that; otherwise " + parking.title();
  }

  @Override
  public TrafficSwitch.Snapshot snapshot() {
    var places = new TreeMap<>(parking.snapshot().places());
    places.putAll(waiting.snapshot().places());
    return new TrafficSwitch.Snapshot(places);
  }

  @Override
  public void ready() {
    boolean fit = fits.get();
    fitted = Optional.of(fit);
    (fit ? waiting : parking).ready();
  }

  @Override
  public void forget() {
    waiting.forget();
    parking.forget();
  }

  /** Who was held before a resume stays held as he is. */
  @Override
  public void hold() {
    if (parking.isHeld() || !(waiting.isHeld() || fitted.orElseGet(fits))) {
      parking.hold();
    } else {
      waiting.hold();
    }
  }

  @Override
  public boolean isHeld() {
    return waiting.isHeld() || parking.isHeld();
  }

  @Override
  public void release() {
    waiting.release();
    parking.release();
  }

  @Override
  public boolean isReleased() {
    return waiting.isReleased() && parking.isReleased();
  }

  @Override
  public void undo(TrafficSwitch.Snapshot before) {
    try {
      waiting.undo(before);
    } finally {
      parking.undo(before);
    }
  }
}
