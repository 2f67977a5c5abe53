package dev.upshift.lab.fleet;

import dev.upshift.lab.fleet.Site.Answer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The databases as a process of the online fleet sees them, and how their failures become answers:
 * a read that fails is a broken page (500), a write that fails rests for a moment (503). All of
 * them are counted by SQLSTATE.
 *
 * <p>Arguments: {@code --listen ADDRESS:PORT}, {@code --port} of the databases (5432), {@code
 * --database} (podcasts), {@code --read-database} and {@code --search-database} (the same), their
 * names {@code --write} (db1.internal), {@code --read} (db2.internal), {@code --search}
 * (db3.internal), {@code --write-user} (app), {@code --read-user} (app_ro), {@code --kept}
 * connections for each (4).
 */
final class Service {
  static final Set<String> KNOWN =
      Set.of(
          "listen",
          "port",
          "database",
          "read-database",
          "search-database",
          "write",
          "read",
          "search",
          "write-user",
          "read-user",
          "kept");

  /** How the answer begins while writes are held. */
  static final String RESTING = "writes rest for a moment";

  private static final Duration READ_PATIENCE = Duration.ofSeconds(10);
  private static final Duration WRITE_PATIENCE = Duration.ofSeconds(30);

  private final String name;
  private final Map<String, KeptConnections> pools = new LinkedHashMap<>();
  private final Counters reads = new Counters();
  private final Counters readErrors = new Counters();
  private final Counters writes = new Counters();
  private final Counters writeErrors = new Counters();

  /** Opens the kept connections in the background: the site serves without them, too. */
  Service(Arguments arguments, boolean writing) {
    this.name = arguments.orElse("name", "web");
    add(arguments, "read", "db2.internal", READ_PATIENCE);
    add(arguments, "search", "db3.internal", READ_PATIENCE);
    if (writing) {
      add(arguments, "write", "db1.internal", WRITE_PATIENCE);
    }
    pools.values().forEach(pool -> Thread.ofVirtual().start(pool::prime));
  }

  private void add(Arguments arguments, String use, String host, Duration patience) {
    boolean write = use.equals("write");
    String database = arguments.orElse("database", "podcasts");
    pools.put(
        use,
        new KeptConnections(
            new Database(
                arguments.orElse(use, host),
                arguments.number("port", 5432),
                write ? database : arguments.orElse(use + "-database", database),
                write
                    ? arguments.orElse("write-user", "app")
                    : arguments.orElse("read-user", "app_ro"),
                name,
                patience),
            arguments.number("kept", 4)));
  }

  /** Reads from the database of that use: {@code read} or {@code search}. */
  Answer read(String use, KeptConnections.Work<Answer> work) {
    try {
      Answer answer = pool(use).read(work);
      reads.count("ok");
      return answer;
    } catch (SQLException e) {
      reads.count("failed");
      readErrors.count(SqlStates.of(e));
      System.err.println(
          name + ": read failed at " + Instant.now() + ": " + SqlStates.of(e) + " " + said(e));
      return Answer.text(500, "this page could not be read, SQLSTATE " + SqlStates.of(e));
    }
  }

  /**
   * With what the network did: of a login that was broken off the driver's message says nothing.
   */
  private static String said(SQLException failure) {
    var message = String.valueOf(failure.getMessage());
    return failure.getCause() instanceof IOException broken
        ? message + " (" + broken + ")"
        : message;
  }

  Answer write(KeptConnections.Work<Answer> work) {
    try {
      Answer answer = pool("write").write(work);
      writes.count("ok");
      return answer;
    } catch (SQLException e) {
      String state = SqlStates.of(e);
      writeErrors.count(state);
      if (SqlStates.isVisitorsFault(e)) {
        writes.count("refused");
        return Answer.text(400, "this cannot be saved, SQLSTATE " + state);
      }
      if (SqlStates.isOurFault(e)) {
        writes.count("failed");
        System.err.println(name + ": write failed: " + state + " " + e.getMessage());
        return Answer.text(500, "this could not be saved, SQLSTATE " + state);
      }
      writes.count("resting");
      return Answer.text(503, RESTING + ", SQLSTATE " + state);
    }
  }

  Answer stats() {
    Map<String, Object> connections = new LinkedHashMap<>();
    pools.forEach((use, pool) -> connections.put(use, pool.stats()));
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("name", name);
    stats.put("pid", ProcessHandle.current().pid());
    stats.put("reads", reads.totals());
    stats.put("readErrorsByState", readErrors.totals());
    stats.put("writes", writes.totals());
    stats.put("writeErrorsByState", writeErrors.totals());
    stats.put("connections", connections);
    return Answer.json(Json.write(stats));
  }

  void close() {
    pools.values().forEach(KeptConnections::close);
  }

  private KeptConnections pool(String use) {
    KeptConnections pool = pools.get(use);
    if (pool == null) {
      throw new IllegalStateException("this process has no database for " + use);
    }
    return pool;
  }
}
