package dev.upshift.host;

/**
 * A file's new content that lies ready beside it, on the disk and read back; nobody uses it yet. So
 * the slow part is done before, and on many machines at once, and what is left is one rename.
 */
public interface Staged extends AutoCloseable {

  /**
   * Puts the content in the file's place, in one move, and has that on the disk. This is the effect
   * that is told of. Where it fails, the content is thrown away; where a connection was lost on the
   * way, it may still lie there.
   */
  void commit();

  /** Throws the content away, if it was not put in its place. */
  @Override
  void close();
}
