package dev.upshift.topology;

import dev.upshift.failure.InputError;

/**
 * A major version of PostgreSQL: one number from 10 on, two before (9.6).
 *
 * @param major the first number
 * @param minorOfNine the second number, 0 from version 10 on, where it is no part of the major
 *     version
 */
public record PgVersion(int major, int minorOfNine) implements Comparable<PgVersion> {

  /** A version from 10 on. */
  public static PgVersion of(int major) {
    return new PgVersion(major, 0);
  }

  /**
   * Reads "15", "15.18", "9.6" or "9.6.24".
   *
   * @throws InputError when the text is no version
   */
  public static PgVersion parse(String text) {
    var parts = text.strip().split("\\.");
    try {
      int major = Integer.parseInt(parts[0]);
      if (major >= 10) {
        return of(major);
      }
      if (major == 9 && parts.length >= 2) {
        return new PgVersion(9, Integer.parseInt(parts[1]));
      }
    } catch (NumberFormatException e) {
      // falls through to the complaint
    }
    throw new InputError(
        "'" + text + "' is not a PostgreSQL version",
        "write the major version in quotes, like \"15\"");
  }

  /** From {@code server_version_num}, e.g. 150018 or 90624. */
  public static PgVersion ofServerVersionNum(int number) {
    return number >= 100000
        ? of(number / 10000)
        : new PgVersion(number / 10000, number / 100 % 100);
  }

  /** Whether this version is {@code other} or newer. */
  public boolean atLeast(int other) {
    return major >= other;
  }

  @Override
  public int compareTo(PgVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minorOfNine, other.minorOfNine);
  }

  @Override
  public String toString() {
    return major >= 10 ? Integer.toString(major) : major + "." + minorOfNine;
  }
}
