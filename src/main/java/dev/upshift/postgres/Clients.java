package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps clients away from a running server: a pg_hba.conf block that rejects them, then an end to
 * every session there is. Before 18 a client that stands at its password prompt is in no view of
 * the server but is a child of the postmaster, and would be let in by the rules it was met with
 * (DESIGN.md §6, fact 2): so the sweep goes by processes.
 */
public final class Clients {
  private static final Duration PAUSE = Duration.ofMillis(2);

  /**
   * What a postmaster's children are that are no client's: the titles of
   * src/backend/utils/init/miscinit.c and their elders.
   */
  private static final Pattern SERVER_PROCESS =
      Pattern.compile(
          "postgres: (?:[^:]+: )?(archiver|autovacuum launcher|autovacuum worker|background writer|checkpointer|io worker|logger|"
              + "logical replication|parallel worker|slotsync worker|startup|stats collector|wal ?receiver|wal ?sender|wal ?summarizer|"
              + "wal ?writer|syslogger).*");

  /**
   * A session's title names where it comes from; so does a walsender's, and of no other process.
   */
  private static final Pattern SESSION =
      Pattern.compile(
          "postgres: (?>(?:[^:]+: )?)(?!walsender )\\S.* (?:\\[local]|\\S+\\(\\d+\\))(?: .*)?");

  /**
   * Who waits for nothing, or has waited so long that no patience will do. One that has just come
   * is about to ask, and is not taken for idle yet.
   */
  private static final String MAY_END =
      "coalesce(state = 'idle' AND (backend_start < clock_timestamp() - interval '1 s' OR state_change < clock_timestamp() - interval '300 ms') OR state <> 'idle' AND query_start < clock_timestamp() - interval '2 s', false)";

  /**
   * What the server itself says of its processes; a client that stands at its prompt is not there.
   */
  private static final String KNOWN_FROM_10 =
      "SELECT pid::text, backend_type = 'client backend' AND (application_name, usename) IS DISTINCT FROM (?, ?::name) AND usename IS DISTINCT FROM ?::name, pid = pg_backend_pid(), "
          + MAY_END
          + " FROM pg_stat_activity";

  private static final String KNOWN_BEFORE_10 =
      """
      SELECT pid::text, (application_name, usename) IS DISTINCT FROM (?, ?::name) AND usename IS DISTINCT FROM ?::name AND pid NOT IN (SELECT pid FROM pg_stat_replication), pid = pg_backend_pid(), %s
      FROM pg_stat_activity
      """
          .formatted(MAY_END);

  /**
   * Whether the very file that the server reads begins with our block, and can be read: with one
   * error in it the server goes by the rules that it had before (load_hba, hba.c), though it says
   * that it has read its files anew.
   */
  private static final String IN_FORCE =
      """
      SELECT substr(pg_read_binary_file(current_setting('hba_file')), 1, octet_length(f.line)) = f.line AND NOT EXISTS (SELECT FROM pg_hba_file_rules WHERE error IS NOT NULL)
      FROM (SELECT convert_to(?, 'UTF8') AS line) f
      """;

  private final PgServer server;
  private final String block;
  private final String following;
  private final List<String> allowed;

  private Clients(PgServer server, String block, String following, List<String> allowed) {
    this.server = server;
    this.block = block;
    this.following = following;
    this.allowed = allowed;
  }

  /** The clients of a server that nobody is to read from any more. */
  public static Clients ofStale(PgServer server) {
    return new Clients(server, "stale", "", List.of());
  }

  /**
   * The clients of a primary that another one follows: the role that follows, from these addresses
   * (CIDR), is none of them. It may not write, and comes again at once: a standby that keeps the
   * primary's slots asks for them in a session like any other.
   */
  public static Clients ofLeft(PgServer server, OwnRole role, List<String> sources) {
    return new Clients(
        server,
        "fence",
        role.name(),
        sources.stream()
            .map(source -> HbaFile.allow("host", "all", role.name(), Optional.of(source)))
            .toList());
  }

  /** Whether new clients are rejected. */
  public boolean areRejected() {
    return server.hba().hasBlock(block);
  }

  /** Rejects new clients from now on; the administrator and replication stay. */
  public void reject(Deadline deadline) {
    rejectFromStart();
    server.reload(deadline);
  }

  /** The same for a server that does not run: whoever comes when it does is met by it. */
  public void rejectFromStart() {
    server.writeHba(rejecting());
  }

  /** Lays that ready beside the file; clients feel nothing of it. */
  public void layReady() {
    server.layHbaReady(rejecting());
  }

  private HbaFile rejecting() {
    var lines = new ArrayList<String>();
    lines.add(HbaFile.allow("local", "all", server.admin().user(), Optional.empty()));
    lines.addAll(allowed);
    lines.add("local    all             all                                     reject");
    lines.add(HbaFile.REJECT_HOSTS);
    return server.hba().withBlock(block, lines);
  }

  /**
   * Why new clients may get in all the same, although they are rejected by the file. Two proofs:
   * the server's own words about its file, and a login. From 10.
   */
  public Optional<String> notRejecting() {
    if (!areRejected() || server.isOnlyShown()) {
      return noLongerRejecting();
    }
    List<Supplier<Optional<String>>> proofs = List.of(server::letsIn, this::brokenRules);
    return AtOnce.each(proofs, Supplier::get).stream().flatMap(Optional::stream).findFirst();
  }

  /**
   * Why the server may not go by the rules any more that {@link #notRejecting} has proved: whoever
   * wants to change them has to change its file. No login is tried a second time. From 10.
   */
  public Optional<String> noLongerRejecting() {
    if (!areRejected()) {
      return Optional.of("pg_hba.conf of " + server.label() + " does not reject clients");
    }
    return server.isOnlyShown() ? Optional.empty() : brokenRules();
  }

  private Optional<String> brokenRules() {
    try (var session = server.connect()) {
      return session.isTrue(IN_FORCE, HbaFile.firstLine(block))
          ? Optional.empty()
          : Optional.of(
              server.label()
                  + " does not go by our rules: pg_hba.conf has an error, or is not its hba_file");
    }
  }

  /** Lets clients in again, by the rules that stand in the file. */
  public void admit(Deadline deadline) {
    server.writeHba(server.hba().withoutBlock(block));
    if (server.isRunning()) {
      server.reload(deadline);
    }
  }

  /**
   * Ends every client's process, and looks until none is found. Who comes later is met by the rules
   * of then, so one whole look that finds nobody is enough once they are in force; those before it
   * need not be whole.
   */
  public boolean end(Deadline deadline) {
    return end(Deadline.in(Duration.ZERO), deadline);
  }

  /**
   * The same for clients that have elsewhere to go by now: those who log in or wait for an answer
   * may have it until then. Whoever loses an idle connection connects anew; whoever loses one that
   * he has just got has failed (docs/decisions/0012).
   */
  public boolean end(Deadline patience, Deadline deadline) {
    try (var session = server.connect()) {
      if (server.isOnlyShown()) {
        server.host().terminate(processes(known(session), false));
        return true;
      }
      return deadline.until(
          PAUSE,
          () -> {
            var known = known(session);
            return areEnded(known, true, patience) && areEnded(known, false, patience);
          });
    }
  }

  private boolean areEnded(Map<String, Known> known, boolean some, Deadline patience) {
    var found = processes(known, some);
    boolean all = patience.passed();
    server.host().terminate(found.stream().filter(pid -> all || mayEnd(known.get(pid))).toList());
    return found.isEmpty();
  }

  private static boolean mayEnd(@Nullable Known process) {
    return process != null && process.mayEnd();
  }

  /** The process ids of the postmaster's children that are clients' and not ours. */
  public List<String> processes() {
    try (var session = server.connect()) {
      return processes(known(session), false);
    }
  }

  /**
   * The same by a look that costs less and may leave one out: for what a whole one has shown
   * before.
   */
  public List<String> someProcesses() {
    try (var session = server.connect()) {
      return processes(known(session), true);
    }
  }

  private List<String> processes(Map<String, Known> known, boolean some) {
    var pidFile = server.host().readText(server.data().resolve("postmaster.pid")).orElse("\n");
    var postmaster = pidFile.lines().findFirst().orElse("");
    var children =
        some ? server.host().someChildren(postmaster) : server.host().children(postmaster);
    if (!some) {
      refuseUnlessSeen(known.values(), children, postmaster);
    }
    return children.entrySet().stream()
        .filter(child ->
            Optional.ofNullable(known.get(child.getKey()))
                .map(Known::isClient)
                .orElseGet(() -> !isServerProcess(child.getValue())))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Who does not see our own session among the postmaster's children does not see clients either,
   * and would take a fence for proved that was not.
   */
  private void refuseUnlessSeen(
      Collection<Known> known, Map<String, String> children, String postmaster) {
    for (var session : known) {
      if (session.isOurs() && !children.containsKey(session.pid())) {
        throw new WorldError(
            server.name(),
            "the processes of %s cannot be seen: our own session, process %s, is not among the children of its postmaster, process %s"
                .formatted(server.label(), session.pid(), postmaster),
            "is ps there, may the owner of the data directory list processes (hidepid), and does the server run on that machine itself and in no container?");
      }
    }
  }

  /**
   * A process of which the server itself says what it is; one of them is our own session's.
   *
   * @param mayEnd whether nobody loses an answer with it that he would get soon
   */
  private record Known(String pid, boolean isClient, boolean isOurs, boolean mayEnd) {}

  private Map<String, Known> known(Sql session) {
    var known = new HashMap<String, Known>();
    session
        .query(
            server.version().atLeast(10) ? KNOWN_FROM_10 : KNOWN_BEFORE_10,
            row ->
                new Known(
                    row.getString(1), row.getBoolean(2), row.getBoolean(3), row.getBoolean(4)),
            Sessions.APPLICATION_NAME,
            server.admin().user(),
            following)
        .forEach(process -> known.put(process.pid(), process));
    return known;
  }

  /**
   * Whether a process with this title is the server's own. A role may be called checkpointer, too.
   */
  static boolean isServerProcess(String title) {
    return SERVER_PROCESS.matcher(title).matches() && !SESSION.matcher(title).matches();
  }
}
