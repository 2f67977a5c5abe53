package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The side that follows by logical replication: in each database one subscription, which goes on
 * from the position at which this side was cut off as a standby. Options that older subscribers
 * refuse are left out (DESIGN.md §6, fact 12).
 */
public final class Subscriber {

  private static final String EXISTS =
      "SELECT subenabled FROM pg_subscription WHERE subname = ? AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
  private static final String OURS =
      "SELECT subname FROM pg_subscription WHERE subname ~ '^upshift_[0-9]+$' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
  private static final String ORIGIN = "SELECT 'pg_' || oid FROM pg_subscription WHERE subname = ?";
  private static final String ADVANCE = "SELECT pg_replication_origin_advance(?, ?::pg_lsn)";
  private static final String PROGRESS = "SELECT pg_replication_origin_progress(?, true)";
  private static final String FOLLOWED_BEFORE =
      "SELECT coalesce(obj_description('upshift'::regnamespace, 'pg_namespace') = ?, false)";
  private static final Duration PAUSE = Duration.ofMillis(1);
  private static final String AT_REST =
      """
      SELECT pg_current_wal_flush_lsn() WHERE NOT EXISTS (
        SELECT FROM pg_stat_subscription s JOIN pg_stat_activity a ON a.pid = s.pid
        WHERE s.subname ~ '^upshift_[0-9]+$' AND a.backend_xid IS NOT NULL)
      """;
  private static final String RUNS =
      """
      SELECT count(*) FROM pg_stat_subscription s JOIN pg_stat_activity a ON a.pid = s.pid
      WHERE s.subname = ? AND a.backend_start < clock_timestamp() - interval '1 second'
      """;
  private static final String FOLLOWED =
      """
      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_subscription_rel r
      JOIN pg_class c ON c.oid = r.srrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_subscription s ON s.oid = r.srsubid
      WHERE s.subname = ? AND r.srsubstate = 'r' ORDER BY 1
      """;

  private final PgServer server;
  private final Publisher publisher;
  private final OwnRole role;

  /** This server as a follower of that one, connecting to it as our own role. */
  public Subscriber(PgServer server, Publisher publisher, OwnRole role) {
    this.server = server;
    this.publisher = publisher;
    this.role = role;
  }

  /** The server. */
  public PgServer server() {
    return server;
  }

  /** The side that it follows. */
  public Publisher publisher() {
    return publisher;
  }

  /**
   * Subscribes a database from this position on; does nothing where it follows already. The
   * position is set while the subscription is disabled, and never again afterwards.
   */
  public void subscribe(Database database, Lsn from) {
    var name = Publisher.slotName(database);
    try (var session = server.connect(database.name())) {
      boolean followed = session.isTrue(FOLLOWED_BEFORE, memory(name, from));
      if (session.value(EXISTS, name).isEmpty()) {
        if (followed) {
          throw new WorldError(
              server.name(),
              database.name() + " has followed before, and its subscription is gone",
              "what is prepared is of no use any more: upshift undo, then begin anew");
        }
        session.execute(create(database, name));
      }
      if (!session.isTrue(EXISTS, name)) {
        if (!followed) {
          advance(session, name, from);
        }
        session.execute("ALTER SUBSCRIPTION " + Sql.identifier(name) + " ENABLE");
      }
    }
  }

  /**
   * What stands at the schema of ours once a subscription has begun. A comment and not a row: it
   * goes along with a physical copy and with pg_upgrade, and with no logical replication, which may
   * go the other way one day.
   */
  private static String memory(String name, Lsn from) {
    return "followed " + name + " from " + from;
  }

  private void advance(Sql session, String name, Lsn from) {
    var origin = session.value(ORIGIN, name).orElse("pg_(its number)");
    session.execute(ADVANCE, origin, from.toString());
    var now = session.value(PROGRESS, origin).map(Lsn::parse);
    if (now.isPresent() && !now.get().equals(from)) {
      throw new WorldError(
          server.name(),
          "the subscription " + name + " begins at " + now.get() + ", not at " + from,
          "");
    }
    session.execute("COMMENT ON SCHEMA upshift IS " + Sql.literal(memory(name, from)));
  }

  /**
   * Ends a database's subscription for the time being: no transaction is applied any more that has
   * not begun when this returns. Its worker looks at its subscription before each (worker.c,
   * maybe_reread_subscription), and ends by itself: at once from 16 on, within a second before.
   *
   * @throws WorldError when there is no subscription
   */
  public void disable(Database database) {
    var name = Sql.identifier(Publisher.slotName(database));
    try (var session = server.connect(database.name())) {
      session.execute("ALTER SUBSCRIPTION " + name + " DISABLE");
    }
  }

  /**
   * Up to where its WAL is on disk while no worker of ours is within a transaction: with every
   * subscription disabled, nothing that is applied lies behind it.
   *
   * @throws WorldError when one is still within a transaction at the deadline
   */
  public Lsn restsAt(Deadline deadline) {
    if (server.isOnlyShown()) {
      return Replication.flushed(server);
    }
    var position = new AtomicReference<Optional<Lsn>>(Optional.empty());
    try (var session = server.connect()) {
      deadline.until(
          PAUSE,
          () -> {
            position.set(session.value(AT_REST).map(Lsn::parse));
            return position.get().isPresent();
          });
    }
    return position
        .get()
        .orElseThrow(() ->
            new WorldError(
                server.name(),
                "a transaction is still being applied on " + server.label(),
                "who writes on " + publisher.server().label() + " behind the fence?"));
  }

  /** Lets a subscription that was disabled go on; does nothing where there is none. */
  public void enable(Database database) {
    var name = Publisher.slotName(database);
    try (var session = server.connect(database.name())) {
      if (session.value(EXISTS, name).filter("f"::equals).isPresent()) {
        session.execute("ALTER SUBSCRIPTION " + Sql.identifier(name) + " ENABLE");
      }
    }
  }

  /** Whether no transaction will be applied in a database before it is enabled. */
  public boolean isDisabled(Database database) {
    try (var session = server.connect(database.name())) {
      return session.value(EXISTS, Publisher.slotName(database)).filter("f"::equals).isPresent();
    }
  }

  /**
   * From 16 on rows would be applied as the table's owner, who may have no right to it, or be held
   * up by row security (manual, "Logical Replication", Security): as before 16, they are applied as
   * us.
   */
  private String create(Database database, String name) {
    var asUs = server.version().atLeast(16) ? ", run_as_owner = true" : "";
    // Said nothing of, a slot would lose it here (subscriptioncmds.c, CreateSubscription).
    var failover =
        server.version().atLeast(17) && publisher.hasFailover() ? ", failover = true" : "";
    return "CREATE SUBSCRIPTION %s CONNECTION %s PUBLICATION %s WITH (create_slot = false, slot_name = %s, enabled = false, copy_data = false%s%s)"
        .formatted(
            Sql.identifier(name),
            Sql.literal(conninfo(database)),
            Publisher.PUBLICATION,
            Sql.literal(name),
            asUs,
            failover);
  }

  private String conninfo(Database database) {
    var primary = publisher.server();
    return "host=%s port=%d user=%s dbname=%s passfile=%s gssencmode=disable"
        .formatted(
            primary.address(),
            primary.port(),
            StandbySettings.quoted(role.name()),
            StandbySettings.quoted(database.name()),
            StandbySettings.quoted(role.passfileOn(server).toString()));
  }

  /** Up to where a database's subscription has applied what it follows, if it has begun. */
  public Optional<Lsn> progress(Database database) {
    try (var session = server.connect(database.name())) {
      return session
          .value(ORIGIN, Publisher.slotName(database))
          .flatMap(origin -> session.value(PROGRESS, origin))
          .map(Lsn::parse);
    }
  }

  /** Why a database does not stand as subscribed, whatever its worker does at present. */
  public Optional<String> missing(Database database) {
    try (var session = server.connect(database.name())) {
      var enabled = session.value(EXISTS, Publisher.slotName(database));
      return enabled.isEmpty()
          ? Optional.of("there is no subscription in " + database.name())
          : enabled.get().equals("t")
              ? Optional.empty()
              : Optional.of("the subscription in " + database.name() + " is disabled");
    }
  }

  /**
   * Why nothing is applied in a database. A worker that meets an error ends, and is started again
   * after some seconds, to meet it again: only one that has run for a second counts.
   */
  public Optional<String> stuck(Database database) {
    try (var session = server.connect(database.name())) {
      return session.value(RUNS, Publisher.slotName(database)).orElse("0").equals("0")
          ? Optional.of(
              "nothing is applied in "
                  + database.name()
                  + " at present; the log of "
                  + server.label()
                  + " says why")
          : Optional.empty();
    }
  }

  /**
   * The tables in which the two sides disagree about what is followed: one that is missing from
   * pg_subscription_rel is skipped without a word (DESIGN.md §6, fact 11).
   */
  public List<String> disagreement(String database, String name) {
    var published = new HashSet<>(publisher.tables(database));
    List<String> followed;
    try (var session = server.connect(database)) {
      followed = session.query(FOLLOWED, row -> row.getString(1), name);
    }
    var wrong = new ArrayList<String>();
    followed.stream().filter(table -> !published.remove(table)).forEach(wrong::add);
    wrong.addAll(published);
    return wrong.stream().sorted().toList();
  }

  /**
   * Ends the subscriptions of ours in every database and leaves the slots of the other side; does
   * nothing where there are none.
   */
  public void unsubscribe() {
    for (var database : Databases.namesOf(server)) {
      try (var session = server.connect(database)) {
        for (var name : session.query(OURS, row -> row.getString(1))) {
          var quoted = Sql.identifier(name);
          session.execute("ALTER SUBSCRIPTION " + quoted + " DISABLE");
          session.execute("ALTER SUBSCRIPTION " + quoted + " SET (slot_name = NONE)");
          session.execute("DROP SUBSCRIPTION " + quoted);
        }
      }
    }
  }
}
