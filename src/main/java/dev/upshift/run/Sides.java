package dev.upshift.run;

import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Server;
import java.util.List;

/**
 * On which hosts each side has its standbys once a cluster is upgraded. Where there are two or
 * more, one stays with the old primary while there is a way back, so that who goes back has one;
 * not the one that reads are parked on, which the side that serves needs for that.
 */
record Sides(Topology topology) {

  /** The old standbys that stay with the old primary. */
  List<Server> kept() {
    return topology.standbys().size() < 2 || topology.wayBack() == Topology.WayBack.NONE
        ? List.of()
        : topology.standbys().reversed().stream()
            .filter(standby -> !standby.name().equals(topology.online().park()))
            .limit(1)
            .toList();
  }

  /** Those that are rebuilt as standbys of the new version. */
  List<Server> rebuilt() {
    return topology.standbys().stream().filter(standby -> !kept().contains(standby)).toList();
  }
}
