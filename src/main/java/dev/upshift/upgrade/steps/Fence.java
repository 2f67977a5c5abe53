package dev.upshift.upgrade.steps;

import dev.upshift.engine.Result;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.PgServer;
import java.util.Optional;

/**
 * What keeps the side that is left from accepting a client's write, looked at once more at the
 * border.
 */
public sealed interface Fence {

  /** Why it does not hold any more; empty while it does. */
  Optional<String> broken();

  /** It is shut down, and its last record is the one that was proved to have arrived. */
  record Stopped(PgServer server, Result<ProveCandidateComplete.LastRecord> proved)
      implements Fence {
    @Override
    public Optional<String> broken() {
      return server.isRunning() || !server.control().checkpoint().equals(proved.get().checkpoint())
          ? Optional.of(server.label() + " was started again after it was fenced")
          : Optional.empty();
    }
  }

  /**
   * It turns every client away; or it has died meanwhile, which keeps them out, too, and its file
   * will when it comes back.
   */
  record Closed(PgServer server, Clients clients) implements Fence {
    @Override
    public Optional<String> broken() {
      return !server.isRunning() && clients.areRejected()
          ? Optional.empty()
          : clients.noLongerRejecting();
    }
  }
}
