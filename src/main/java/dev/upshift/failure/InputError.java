package dev.upshift.failure;

/** What the operator gave is wrong: exit code 2. Nothing was changed. */
public final class InputError extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String hint;

  /**
   * @param what what is wrong and where it stands, lower case, without a full stop
   * @param hint what to do about it
   */
  public InputError(String what, String hint) {
    super(what);
    this.hint = hint;
  }

  /** What to do about it. */
  public String hint() {
    return hint;
  }
}
