package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The candidate's disk must hold a copy of the cluster, and the new cluster's own catalogs beside
 * the linked files; so must each place for a standby of the new version.
 */
public record RefuseNoSpace(
    PgServer primary, PgServer candidate, PgServer newPrimary, List<PgServer> standbys)
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
    return "the disks of the candidate and of new standbys have room";
  }

  @Override
  public List<Finding> look() {
    long size = Long.parseLong(primary.ask(SIZE).orElse("0"));
    long needed = size + size / 10 + NEW_CLUSTER_BYTES;
    var findings = new ArrayList<Finding>();
    look(candidate, needed, "; " + newPrimary.data() + " must be on the same file system")
        .ifPresent(findings::add);
    standbys.forEach(standby -> look(standby, needed, "").ifPresent(findings::add));
    return findings;
  }

  private static Optional<Finding> look(PgServer place, long needed, String besides) {
    long free = place.host().freeBytes(place.data());
    return free >= needed
        ? Optional.empty()
        : Optional.of(
            Finding.blocks(
                place.name()
                    + " has "
                    + (free >> 20)
                    + " MB free for "
                    + place.data()
                    + ", "
                    + (needed >> 20)
                    + " MB are needed",
                "free or add disk space on " + place.name() + besides));
  }
}
