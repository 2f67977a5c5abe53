package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.HbaFile;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.SchemaRecord;
import dev.upshift.postgres.Sql;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes what is ours on the old primary before anything is copied from it, so that every copy
 * carries it: a role that may replicate and nothing else, a schema with a marker table, and
 * pg_hba.conf lines for the role from each server that may follow another one later.
 *
 * @param sources the addresses (CIDR) that our standbys connect from
 */
public record CreateOwnRoleAndSchema(PgServer primary, OwnRole role, List<String> sources)
    implements Reversible<CreateOwnRoleAndSchema.Before, Nothing> {

  /** Which of it there was already; the schema by database. */
  public record Before(boolean role, List<String> schemas, boolean hbaLines) {}

  private static final String BLOCK = "replication";
  private static final Duration RELOAD_LIMIT = Duration.ofSeconds(30);
  private static final String ROLE_EXISTS =
      "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ? AND rolreplication)";
  private static final String HBA_ERRORS =
      "SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL";

  @Override
  public String title() {
    return "Create the role "
        + role.name()
        + ", its pg_hba.conf lines and the schema upshift on "
        + primary.label();
  }

  @Override
  public Check<Before> check() {
    try (var session = primary.connect()) {
      if (session.isTrue("SELECT pg_is_in_recovery()")) {
        return Check.blocked(
            primary.label() + " is a standby", "is the topology older than the last failover?");
      }
      var foreign = foreign();
      if (!foreign.isEmpty()) {
        return Check.blocked(
            "somebody else has a schema upshift on " + primary.label() + ", with " + foreign,
            "rename it for the time of the upgrade: everything in that schema is removed at its end");
      }
      return Check.ready(
          new Before(
              session.isTrue(ROLE_EXISTS, role.name()), schemas(), primary.hba().hasBlock(BLOCK)));
    }
  }

  private List<String> foreign() {
    return Databases.namesOf(primary).stream()
        .flatMap(database -> {
          try (var session = primary.connect(database)) {
            return Markers.foreign(session).stream().map(what -> database + ": " + what);
          }
        })
        .toList();
  }

  private List<String> schemas() {
    return Databases.namesOf(primary).stream().filter(this::hasSchema).toList();
  }

  private boolean hasSchema(String database) {
    try (var session = primary.connect(database)) {
      return Markers.exist(session);
    }
  }

  @Override
  public Nothing apply(Before before) {
    try (var session = primary.connect()) {
      if (!session.isTrue(ROLE_EXISTS, role.name())) {
        session.execute("CREATE ROLE " + Sql.identifier(role.name()) + " LOGIN REPLICATION");
      }
      session.setPassword(role.name(), role.password());
    }
    for (var database : Databases.namesOf(primary)) {
      try (var session = primary.connect(database)) {
        Markers.create(session);
        SchemaRecord.create(session);
      }
    }
    var lines =
        sources.stream()
            .flatMap(source ->
                Stream.of("replication", "all")
                    .map(what -> HbaFile.allow("host", what, role.name(), Optional.of(source))))
            .toList();
    primary.writeHba(primary.hba().withBlock(BLOCK, lines));
    primary.reload(Deadline.in(RELOAD_LIMIT));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    try (var session = primary.connect()) {
      if (!session.isTrue(ROLE_EXISTS, role.name())
          || !schemas().equals(Databases.namesOf(primary))) {
        return Verdict.notYet("the role or the schema is missing on " + primary.label());
      }
      if (primary.version().atLeast(10) && !session.value(HBA_ERRORS).orElse("").equals("0")) {
        // Not that our work has gone: nobody can say, and days of preparation hang on it.
        throw new WorldError(
            primary.name(),
            "pg_hba.conf of " + primary.label() + " has errors",
            "SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL; the server goes by its old rules meanwhile");
      }
      return Verdict.of(
          primary.hba().hasBlock(BLOCK), "pg_hba.conf of " + primary.label() + " lacks our lines");
    }
  }

  @Override
  public void undo(Before before) {
    for (var database : Databases.namesOf(primary)) {
      if (!before.schemas().contains(database)) {
        try (var session = primary.connect(database)) {
          Markers.drop(session);
        }
      }
    }
    try (var session = primary.connect()) {
      if (!before.role()) {
        session.execute("DROP ROLE IF EXISTS " + Sql.identifier(role.name()));
      }
    }
    if (!before.hbaLines() && primary.hba().hasBlock(BLOCK)) {
      primary.writeHba(primary.hba().withoutBlock(BLOCK));
      primary.reload(Deadline.in(RELOAD_LIMIT));
    }
  }
}
