package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * The candidate's disk must hold a copy of the cluster, and the new cluster's own catalogs beside
 * the linked files.
 */
public record RefuseNoSpace(PgServer primary, PgServer candidate, PgServer newPrimary)
    implements Refusal {
  private static final String SIZE = "SELECT sum(pg_database_size(oid)) FROM pg_database";

  /** A new cluster before it is filled, its WAL, and room to breathe. */
  private static final long NEW_CLUSTER_BYTES = 512L << 20;

  @Override
  public String id() {
    return "no-space";
  }

  @Override
  public String title() {
    return "the candidate's disk has room";
  }

  @Override
  public List<Finding> look() {
    long size = Long.parseLong(primary.ask(SIZE).orElse("0"));
    long needed = size + size / 10 + NEW_CLUSTER_BYTES;
    long free = candidate.host().freeBytes(candidate.data());
    return free >= needed
        ? List.of()
        : List.of(
            Finding.blocks(
                candidate.name()
                    + " has "
                    + (free >> 20)
                    + " MB free for "
                    + candidate.data()
                    + ", "
                    + (needed >> 20)
                    + " MB are needed",
                "free or add disk space on "
                    + candidate.name()
                    + "; "
                    + newPrimary.data()
                    + " must be on the same file system"));
  }
}
