package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.StoredPassword;
import java.util.List;
import java.util.Optional;

/**
 * The administrator must have a password, and it must be the one that we have. Today's pg_hba.conf
 * may let him in without it (peer, trust); a fenced server does not, and writes would be held when
 * that shows.
 *
 * @param password what the password file has for him
 */
public record RefuseOtherPassword(PgServer primary, Optional<String> password) implements Refusal {
  private static final String STORED =
      "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = current_user AND rolpassword IS NOT NULL";

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
    if (password.isEmpty()) {
      return List.of(
          Finding.blocks(
              "the password file has no line for " + user + " at " + primary.label(),
              "write one to admin.passfile: a fenced server lets in nobody without a password"));
    }
    return stored.get().fits(user, password.get())
        ? List.of()
        : List.of(
            Finding.blocks(
                "the password of "
                    + user
                    + " in the password file is not that of "
                    + primary.label(),
                "correct it in admin.passfile: pg_hba.conf lets "
                    + user
                    + " in without it now; a fenced server does not"));
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return id();
  }
}
