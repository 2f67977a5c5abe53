package dev.upshift.run;

import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * On which hosts each side has its standbys once a cluster is upgraded. A place that is given for a
 * standby of the new version takes over from an old standby, which then stays as it is. Without
 * such places, where there are two standbys or more, one stays with the old primary while there is
 * a way back, so that who goes back has one; not the one that reads are parked on, which the side
 * that serves needs for that.
 *
 * @param keeps whether one stays: so it is where the upgrade was begun with a way back, and where
 *     it asks for one now; who gives it up later moves none of them, until finish
 */
record Sides(Topology topology, boolean keeps) {

  /** As a course has them that was begun with this way back. */
  static Sides of(Topology topology, Course course, Topology.WayBack begunWith) {
    boolean open =
        begunWith == Topology.WayBack.OPEN || topology.wayBack() == Topology.WayBack.OPEN;
    return new Sides(topology, open || !course.upgrades());
  }

  /** The places that are given for standbys of the new version. */
  List<Server> built() {
    return topology.newStandbys();
  }

  /** The old standbys that those take over from. */
  List<Server> replaced() {
    var last = notParkedOnFirst();
    return last.subList(0, Math.min(built().size(), last.size()));
  }

  /** Who takes over from an old standby, if one does. */
  Optional<Server> replacement(Server standby) {
    int number = replaced().indexOf(standby);
    return number < 0 ? Optional.empty() : Optional.of(built().get(number));
  }

  /**
   * The old standby that a given place takes over from; none where more are given than there were.
   */
  Optional<Server> replacedBy(Server place) {
    int number = built().indexOf(place);
    return number < replaced().size() ? Optional.of(replaced().get(number)) : Optional.empty();
  }

  /** The old standbys that stay with the old primary. */
  List<Server> kept() {
    if (!keeps) {
      return List.of();
    }
    if (!replaced().isEmpty()) {
      return replaced();
    }
    return topology.standbys().size() < 2
        ? List.of()
        : notParkedOnFirst().stream()
            .filter(standby -> !standby.name().equals(topology.online().park()))
            .limit(1)
            .toList();
  }

  /** The last of the file first, and the one that reads are parked on at the end. */
  private List<Server> notParkedOnFirst() {
    var park = topology.online().park();
    var standbys = new ArrayList<>(topology.standbys().reversed());
    standbys.sort((a, b) -> Boolean.compare(a.name().equals(park), b.name().equals(park)));
    return standbys;
  }

  /** Those that are rebuilt as standbys of the new version. */
  List<Server> rebuilt() {
    return topology.standbys().stream()
        .filter(standby -> !kept().contains(standby) && !replaced().contains(standby))
        .toList();
  }

  /** Those that are rebuilt when the way back is closed. */
  List<Server> rebuiltAtLast() {
    return kept().stream().filter(standby -> !replaced().contains(standby)).toList();
  }

  /** The standbys of the new version while there is a way back. */
  List<Server> fresh() {
    var all = new ArrayList<>(built());
    all.addAll(rebuilt());
    return all;
  }

  /** The same when it is closed. */
  List<Server> freshAtLast() {
    var all = new ArrayList<>(fresh());
    all.addAll(rebuiltAtLast());
    return all;
  }
}
