package dev.upshift.upgrade.checks;

/**
 * What a pre-flight check has to say.
 *
 * @param severity how bad it is
 * @param what what is so, and where
 * @param remedy what to do about it, exactly
 */
public record Finding(Severity severity, String what, String remedy) {

  /** How bad a finding is. */
  public enum Severity {
    /** The upgrade does not begin. */
    BLOCKS,
    /** The upgrade begins; something will not be as it was, or somebody should look. */
    WARNS
  }

  /** The upgrade cannot begin. */
  public static Finding blocks(String what, String remedy) {
    return new Finding(Severity.BLOCKS, what, remedy);
  }

  /** Somebody should look. */
  public static Finding warns(String what, String remedy) {
    return new Finding(Severity.WARNS, what, remedy);
  }
}
