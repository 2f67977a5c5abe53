package dev.upshift.run;

import dev.upshift.postgres.PgServer;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import dev.upshift.upgrade.Preflight;
import java.util.Optional;

/** Why an upgrade of a cluster is not begun, known before its servers are looked at in detail. */
record Refusals(Topology topology) {
  private static final PgVersion OLDEST_TESTED = PgVersion.of(13);

  /** Another run is under way. */
  Preflight.Answer unfinished(RunFolder run) {
    return Preflight.refusal(
        "unfinished-run",
        "no run is under way",
        "run "
            + run.number()
            + " of "
            + topology.cluster()
            + " is not finished ("
            + run.folder()
            + ")",
        "look: upshift status; go on: upshift resume; take it back: upshift undo");
  }

  /** The old version is one from which nobody has tried to upgrade; empty: it is not. */
  Optional<Preflight.Answer> untestedSource() {
    var version = topology.oldCluster().version();
    return version.compareTo(OLDEST_TESTED) >= 0
        ? Optional.empty()
        : Optional.of(
            Preflight.refusal(
                "untested-source",
                "the old version is one from which upgrades were tried",
                topology.cluster()
                    + " is on "
                    + version
                    + ": nobody has upgraded from before "
                    + OLDEST_TESTED
                    + " with this yet",
                "rehearse it on a copy of the cluster, then say --untested-source"));
  }

  /** It was upgraded by an earlier run. */
  Preflight.Answer upgradedAlready(RunFolder run, PgServer primary) {
    return Preflight.refusal(
        "upgraded-already",
        "the cluster is still to be upgraded",
        "run " + run.number() + " has upgraded " + topology.cluster() + ": " + primary + " runs",
        "go back: upshift switch-back; end it: upshift finish; for the next upgrade, write a topology file of the cluster as it is now");
  }
}
