package dev.upshift.run;

import java.util.Locale;

/** What a run does, from its beginning to its end: which plan it walks. */
public enum Course {
  /** An upgrade in which writes are held while pg_upgrade runs. */
  PHYSICAL("upgraded"),
  /** An upgrade in which they are held for a blink. */
  LOGICAL("upgraded"),
  /** From the new version back to the old one. */
  SWITCH_BACK("switched-back"),
  /** From the old version to the new one once more. */
  SWITCH_AGAIN("upgraded"),
  /** The way back from the new version is closed, and what is ours removed. */
  FINISH_NEW("finished"),
  /** The same where the old version serves again. */
  FINISH_OLD("finished");

  private final String result;

  Course(String result) {
    this.result = result;
  }

  /** What is said of it when nothing is left to do. */
  public String result() {
    return result;
  }

  /** Whether the new side is made by it. */
  boolean upgrades() {
    return this == PHYSICAL || this == LOGICAL;
  }

  /** Whether the new version serves when it is over. */
  boolean leadsForth() {
    return upgrades() || this == SWITCH_AGAIN || this == FINISH_NEW;
  }

  /** Whether it closes the way back. */
  boolean finishes() {
    return this == FINISH_NEW || this == FINISH_OLD;
  }

  /** As plans and journals call it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The course of a plan's name. */
  static Course of(String plan) {
    return valueOf(plan.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  static Course of(Method method) {
    return of(method.toString());
  }
}
