package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.Passfile;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.StoredPassword;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The administrator must have a password, it must be the one that we have, for each server and
 * database, and it must be good for the days of the way back. Today's pg_hba.conf may let him in
 * without it (peer, trust); a fenced server does not, and writes would be held when that shows.
 *
 * @param made the servers that will be made, and have the same roles
 * @param passfile the password file
 */
public record RefuseOtherPassword(PgServer primary, List<PgServer> made, Passfile passfile)
    implements Refusal {
  private static final String WHOSE =
      "FROM pg_catalog.pg_authid WHERE rolname = current_user AND rolpassword IS NOT NULL";

  private static final String STORED = "SELECT rolpassword " + WHOSE;
  private static final String ENDS =
      "SELECT rolvaliduntil " + WHOSE + " AND rolvaliduntil < now() + interval ";
  private static final String SOON = "'1 day'";
  private static final String IN_SIGHT = "'30 days'";

  @Override
  public String id() {
    return "other-password";
  }

  @Override
  public String title() {
    return "the administrator's password is the one in the password file";
  }

  @Override
  public List<Finding> look() {
    var user = primary.admin().user();
    var stored = primary.ask(STORED).map(StoredPassword::new);
    if (stored.isEmpty()) {
      return List.of(
          Finding.blocks(
              user + " has no password on " + primary.label(),
              "give it one, and write it to admin.passfile: a fenced server lets in nobody else"));
    }
    var databases = Databases.namesOf(primary);
    return Stream.concat(
            Stream.concat(Stream.of(primary), made.stream())
                .flatMap(server -> amiss(server, databases, stored.get()).stream()),
            ends(user).stream())
        .toList();
  }

  /** The first database of a server for which it is. */
  private Optional<Finding> amiss(PgServer server, List<String> databases, StoredPassword stored) {
    return databases.stream()
        .flatMap(database -> amiss(server, database, stored).stream())
        .findFirst();
  }

  private Optional<Finding> amiss(PgServer server, String database, StoredPassword stored) {
    var user = server.admin().user();
    var where =
        "%s (%s:%d), database %s"
            .formatted(server.label(), server.address(), server.port(), database);
    var password = passfile.ofAdmin(server, database);
    if (password.isEmpty()) {
      return Optional.of(
          Finding.blocks(
              "the password file has no line for " + user + " at " + where,
              "write one to admin.passfile: a fenced server lets in nobody without a password"));
    }
    return stored.fits(user, password.get())
        ? Optional.empty()
        : Optional.of(
            Finding.blocks(
                "the password of " + user + " in the password file is not that of " + where,
                "correct it in admin.passfile: pg_hba.conf lets "
                    + user
                    + " in without it now; a fenced server does not"));
  }

  /** Peer and trust do not ask for how long a password is good; a fenced server does. */
  private Optional<Finding> ends(String user) {
    var what = "the password of %s on %s is good until ".formatted(user, primary.label());
    var remedy = "ALTER ROLE … VALID UNTIL 'infinity', until upshift finish is done";
    return primary
        .ask(ENDS + SOON)
        .map(when -> Finding.blocks(what + when, remedy))
        .or(() -> primary.ask(ENDS + IN_SIGHT).map(when -> Finding.warns(what + when, remedy)));
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return id();
  }
}
