package dev.upshift.upgrade.steps;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import java.util.List;

/** What is done on the servers right before the hold, by method. */
public final class LastActs {
  private static final String MARK =
      "INSERT INTO upshift.marker (text) VALUES ('the last write before the hold')";

  private LastActs() {}

  /**
   * Before a shutdown: a marker, and a checkpoint, so that the shutdown has little left to write.
   */
  public static HoldTraffic.LastAct checkpoint(PgServer primary) {
    return new HoldTraffic.LastAct() {
      @Override
      public void ready() {}

      @Override
      public void perform() {
        if (primary.isRunning()) {
          primary.execute(MARK);
          primary.execute("CHECKPOINT");
        }
      }
    };
  }

  /**
   * Before a short hold: a marker, and a session in each database of both sides and on each standby
   * that is left.
   */
  public static HoldTraffic.LastAct openSessions(
      PgServer left, PgServer serving, List<PgServer> standbys) {
    return new HoldTraffic.LastAct() {
      @Override
      public void ready() {
        for (var server : List.of(left, serving)) {
          if (server.isRunning()) {
            Databases.namesOf(left).forEach(database -> server.connect(database).close());
          }
        }
        standbys.stream().filter(PgServer::isRunning).forEach(standby -> standby.connect().close());
      }

      @Override
      public void perform() {
        left.execute(MARK);
      }
    };
  }
}
