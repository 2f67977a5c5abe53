package dev.upshift.probe.log;

/** The four rows of attempts. Ids are part of the log's format. */
public enum Lane {
  /** Reads on one connection that is held. */
  READ_KEPT("read-kept", false, true),
  /** Reads, each on a connection of its own. */
  READ_FRESH("read-fresh", false, false),
  /** Writes on one connection that is held. */
  WRITE_KEPT("write-kept", true, true),
  /** Writes, each on a connection of its own. */
  WRITE_FRESH("write-fresh", true, false);

  private final String id;
  private final boolean writes;
  private final boolean kept;

  Lane(String id, boolean writes, boolean kept) {
    this.id = id;
    this.writes = writes;
    this.kept = kept;
  }

  /** The name in the log, and in the writer's name. */
  public String id() {
    return id;
  }

  /** Whether its attempts write. */
  public boolean writes() {
    return writes;
  }

  /** Whether it holds its connection from one attempt to the next. */
  public boolean kept() {
    return kept;
  }

  static Lane ofId(String id) {
    for (Lane lane : values()) {
      if (lane.id.equals(id)) {
        return lane;
      }
    }
    throw new IllegalArgumentException("no lane '" + id + "'");
  }
}
