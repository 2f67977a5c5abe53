package dev.upshift.run;

import java.util.Locale;

/** How a cluster is upgraded. */
public enum Method {
  /** Writes are held while pg_upgrade runs. Sources from 9.6. */
  PHYSICAL,
  /** The candidate is upgraded first and follows; writes are held for a blink. Sources from 11. */
  LOGICAL;

  /** As it is typed, and as plans and journals call it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The method that a plan's name says. */
  static Method of(String plan) {
    return valueOf(plan.toUpperCase(Locale.ROOT));
  }
}
