package dev.upshift.postgres;

import dev.upshift.host.Command;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keeps clients away from a running server: a pg_hba.conf block that rejects them, then an end to
 * every session there is. Before 18 a client that stands at its password prompt is in no view of
 * the server but is a child of the postmaster, and would be let in by the rules it was met with
 * (DESIGN.md §6, fact 2): so the sweep goes by processes.
 */
public final class Clients {
  private static final String BLOCK = "stale";
  private static final Duration PAUSE = Duration.ofMillis(20);

  /**
   * What a postmaster's children are that are no client's: the titles of
   * src/backend/utils/init/miscinit.c and their elders.
   */
  private static final Pattern SERVER_PROCESS =
      Pattern.compile(
          "postgres: (?:[^:]+: )?(archiver|autovacuum launcher|autovacuum worker|background writer|checkpointer|io worker|logger|"
              + "logical replication|parallel worker|slotsync worker|startup|stats collector|wal ?receiver|wal ?sender|wal ?summarizer|"
              + "wal ?writer|syslogger).*");

  private final PgServer server;

  /** The clients of this server. */
  public Clients(PgServer server) {
    this.server = server;
  }

  /** Whether new clients are rejected. */
  public boolean areRejected() {
    return server.hba().hasBlock(BLOCK);
  }

  /** Rejects new clients from now on; the administrator and replication stay. */
  public void reject(Deadline deadline) {
    var lines = new ArrayList<String>();
    lines.add(HbaFile.allow("local", "all", server.admin().user(), Optional.empty()));
    lines.add("local    all             all                                     reject");
    lines.add("host     all             all                     all             reject");
    server.writeHba(server.hba().withBlock(BLOCK, lines));
    server.reload(deadline);
  }

  /** Lets clients in again, by the rules that stand in the file. */
  public void admit(Deadline deadline) {
    server.writeHba(server.hba().withoutBlock(BLOCK));
    server.reload(deadline);
  }

  /** Ends every client's process, and looks until two looks in a row find none. */
  public boolean end(Deadline deadline) {
    var empty = new int[1];
    return deadline.until(
        PAUSE,
        () -> {
          var found = processes();
          empty[0] = found.isEmpty() ? empty[0] + 1 : 0;
          if (!found.isEmpty()) {
            server.host().attempt(Command.of("kill", "-TERM").with(found.toArray()));
          }
          return empty[0] >= 2;
        });
  }

  /** The process ids of the postmaster's children that are clients' and not ours. */
  public List<String> processes() {
    try (var session = server.connect()) {
      var ours =
          new HashSet<>(
              session.query(
                  "SELECT pid::text FROM pg_stat_activity WHERE application_name = ?",
                  row -> row.getString(1),
                  Sessions.APPLICATION_NAME));
      var postmaster =
          server
              .host()
              .readText(server.data().resolve("postmaster.pid"))
              .orElse("\n")
              .lines()
              .findFirst()
              .orElse("");
      var children =
          server.host().ask(Command.of("ps", "-o", "pid=,args=", "--ppid", postmaster)).out();
      return children
          .lines()
          .map(String::strip)
          .filter(line -> !SERVER_PROCESS.matcher(line.replaceFirst("^\\d+ ", "")).matches())
          .map(line -> line.split(" ", 2)[0])
          .filter(pid -> !ours.contains(pid))
          .toList();
    }
  }
}
