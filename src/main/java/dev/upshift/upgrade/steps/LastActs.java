package dev.upshift.upgrade.steps;

import dev.upshift.host.AtOnce;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sequences;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What is done on the servers right before the hold, by method. */
public final class LastActs {
  private static final String MARK =
      "INSERT INTO upshift.marker (text) VALUES ('the last write before the hold')";

  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Who is away keeps nobody: what lies there goes when the file is written next. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * How often it is practised: code that has run some hundred times is compiled, and what is not is
   * compiled while clients wait, on the processors that they wait for. One lab on two processors,
   * alternating, medians: hold to release, once 271 ms, ten times 241 ms (6 each); a writer's
   * longest stall 10 times 183 ms, 30 times 155, 80 times 145 (4 each).
   */
  private static final int TIMES = 40;

  /** Of a large cluster each look takes its time, and what came before is old when it is held. */
  private static final Duration ENOUGH = Duration.ofSeconds(3);

  private LastActs() {}

  /**
   * Before a shutdown: a marker, and a checkpoint, so that the shutdown has little left to write.
   * To get ready, a login is tried where the new primary will be: what a firewall drops is waited
   * for once.
   */
  public static HoldTraffic.LastAct checkpoint(PgServer primary, PgServer candidate) {
    return new HoldTraffic.LastAct() {
      @Override
      public void ready() {
        if (candidate.isRunning()) {
          var _ = candidate.letsIn();
        }
      }

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
   * Before a short hold: a marker. To get ready, everything that the hold will look at is looked at
   * once: sessions are opened in each database of both sides and on each standby that is left, each
   * server reads its files anew, and code that runs for the first time runs slowly. Each
   * pg_hba.conf that the hold will write lies ready beside the old one.
   *
   * @param clients of the side that is left
   * @param look what is looked at last
   * @param practice what the steps of the hold do or look at, as far as nobody feels it; what they
   *     find does not count yet
   */
  public static HoldTraffic.LastAct lookAround(
      PgServer left,
      PgServer serving,
      List<PgServer> standbys,
      Clients clients,
      Runnable look,
      List<Runnable> practice) {
    return new HoldTraffic.LastAct() {
      @Override
      public void ready() {
        for (var server : Stream.of(left, serving).filter(PgServer::isRunning).toList()) {
          Databases.namesOf(left).forEach(database -> lookAt(server, database));
          var _ = server.letsIn();
        }
        var there =
            standbys.stream()
                .filter(standby -> standby.away().isEmpty() && standby.isRunning())
                .toList();
        AtOnce.each(there, standby -> Clients.ofStale(standby).processes());
        Stream.concat(Stream.of(left, serving), there.stream())
            .filter(PgServer::isRunning)
            .forEach(server -> server.reload(Deadline.in(LIMIT)));
        var enough = Deadline.in(ENOUGH);
        for (int i = 0; i == 0 || (i < TIMES && !enough.passed()); i++) {
          practice.forEach(Runnable::run);
          var _ = clients.processes();
          var _ =
              AtOnce.eachWithin(
                  _ -> PATIENCE,
                  there,
                  standby -> Clients.ofStale(standby).someProcesses(),
                  _ -> {});
        }
        look.run();
        clients.layReady();
        AdmitClients.layReady(serving);
        AtOnce.each(
            there,
            standby -> {
              Clients.ofStale(standby).layReady();
              return true;
            });
      }

      @Override
      public void perform() {
        left.execute(MARK);
      }

      @Override
      public void forget() {
        var servers = Stream.concat(Stream.of(left, serving), standbys.stream()).toList();
        var _ = AtOnce.eachWithin(_ -> PATIENCE, servers, LastActs::forgetHba, _ -> {});
      }
    };
  }

  private static boolean forgetHba(PgServer server) {
    server.forgetHba();
    return true;
  }

  /** In two sessions: sequences are copied while the way back is opened in the same database. */
  private static void lookAt(PgServer server, String database) {
    try (var session = server.connect(database);
        var second = server.connect(database)) {
      var _ = Markers.isSeen(second, "nobody sets this one");
      var _ = Sequences.read(session, Sequences.names(session));
      var _ = Markers.isSeen(session, "nobody sets this one");
    }
  }
}
