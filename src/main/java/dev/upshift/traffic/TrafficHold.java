package dev.upshift.traffic;

/**
 * What makes clients wait, or where nothing can wait, parks them where reads go on and writes fail.
 */
public interface TrafficHold {

  /** What it does, in the operator's words. */
  String title();

  /** What leads clients at present. */
  TrafficSwitch.Snapshot snapshot();

  /**
   * Lets go what nobody uses at present and would have to be ended when clients are held, from now
   * on until they are, or {@link #forget}; where it holds for minutes it does nothing.
   */
  default void closeIdle() {}

  /** Gets everything ready that the hold will need; clients feel nothing of it. */
  void ready();

  /** Throws away what was got ready and not used. */
  default void forget() {}

  /**
   * Holds everybody, or nobody.
   *
   * @throws dev.upshift.failure.WorldError when somebody could not be held; then nobody is
   */
  void hold();

  /** Whether everybody is held. */
  boolean isHeld();

  /** Lets everybody go to where he is led by now. */
  void release();

  /** Whether nobody is held. */
  boolean isReleased();

  /** Lets everybody go to where he was led before. */
  void undo(TrafficSwitch.Snapshot before);
}
