package dev.upshift.failure;

/**
 * A host, a server or the network failed: exit code 3. Names where, what was tried, and the last
 * lines of its output.
 */
public final class WorldError extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String where;
  private final String what;
  private final String hint;

  /**
   * @param where the host or server, as the topology names it
   * @param what what was tried and what came of it, with the last lines of its output
   * @param hint what to do about it; may be empty
   */
  public WorldError(String where, String what, String hint) {
    this(where, what, hint, null);
  }

  /** The same, with the failure behind it. */
  public WorldError(
      String where, String what, String hint, @org.jspecify.annotations.Nullable Throwable cause) {
    super(where + ": " + what, cause);
    this.where = where;
    this.what = what;
    this.hint = hint;
  }

  /** The host or server, as the topology names it. */
  public String where() {
    return where;
  }

  /** What was tried and what came of it. */
  public String what() {
    return what;
  }

  /** What to do about it; may be empty. */
  public String hint() {
    return hint;
  }
}
