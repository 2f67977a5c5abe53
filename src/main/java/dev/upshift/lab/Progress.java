package dev.upshift.lab;

/** Told how far something long has come. Called from the thread that does the work. */
@FunctionalInterface
public interface Progress {

  /**
   * One more piece is done.
   *
   * @param what what is being done, for people to read, like "downloading postgresql-18"
   * @param done how many pieces are done
   * @param total how many there are
   */
  void at(String what, long done, long total);

  /** Tells nobody. */
  static Progress silent() {
    return (_, _, _) -> {};
  }
}
