package dev.upshift.upgrade.steps;

import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Subscriber;
import java.util.List;
import java.util.Optional;

/**
 * The reverse replication: the side that is left follows the one that serves, so that nothing is
 * lost by going back.
 *
 * @param follower the side that is left, as the follower of the side that serves
 * @param none why there is none; empty where there is one
 */
public record WayBack(Subscriber follower, Optional<String> none) {

  /** The databases that are followed back: none where there is no way back. */
  public List<Database> databases() {
    return none.isPresent() ? List.of() : follower.publisher().databases();
  }

  /** What people read of it. */
  String title() {
    return none.map(why -> "none (" + why + ")")
        .orElseGet(
            () -> follower.server().label() + " follows " + follower.publisher().server().label());
  }
}
