package dev.upshift.probe;

/** The probe was started wrongly; it ends with exit code 2. */
final class UsageError extends RuntimeException {
  private final String hint;

  UsageError(String what, String hint) {
    super(what);
    this.hint = hint;
  }

  String hint() {
    return hint;
  }
}
