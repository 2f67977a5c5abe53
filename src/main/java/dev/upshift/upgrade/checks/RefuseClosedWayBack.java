package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.SchemaRecord;
import dev.upshift.postgres.Subscriber;
import java.util.ArrayList;
import java.util.List;

/** Who takes over must have followed all the time, in every database, and let no client in. */
public record RefuseClosedWayBack(Subscriber follower) implements Refusal {
  private static final String LOST =
      "what was written since is not on the other side and will not come: upshift finish";

  @Override
  public String id() {
    return "closed-way-back";
  }

  @Override
  public String title() {
    return "the way back is open: "
        + follower.server().label()
        + " follows "
        + follower.publisher().server().label();
  }

  @Override
  public List<Finding> look() {
    var server = follower.server();
    if (!server.isRunning()) {
      return List.of(
          Finding.blocks(
              server.label() + " does not run",
              "start it; it catches up by itself, then try again"));
    }
    var findings = new ArrayList<Finding>();
    server
        .letsIn()
        .ifPresent(what ->
            findings.add(
                Finding.blocks(
                    server.label() + " is not fenced: " + what,
                    "clients may have written there: find out who opened it, and compare the data")));
    var databases = follower.publisher().databases();
    for (var database : databases) {
      look(database, findings);
    }
    SchemaRecord.changes(
            follower.publisher().server(), databases.stream().map(Database::name).toList())
        .forEach((database, changes) ->
            findings.add(
                Finding.blocks(
                    "the schema of "
                        + database
                        + " was changed since the switch, and the other side does not have it: "
                        + changes,
                    "take the change back, then try again; otherwise: upshift finish")));
    return findings;
  }

  private void look(Database database, List<Finding> findings) {
    var slot = follower.publisher().slot(database);
    if (slot.isEmpty()) {
      findings.add(
          Finding.blocks(
              "the way back is closed in " + database.name() + ": its slot is gone", LOST));
    }
    slot.flatMap(Publisher.Slot::lost)
        .ifPresent(why ->
            findings.add(
                Finding.blocks(
                    "the way back is closed in "
                        + database.name()
                        + ": its slot is lost ("
                        + why
                        + ")",
                    LOST)));
    follower
        .missing(database)
        .ifPresent(what -> findings.add(Finding.blocks(what, "look at its log")));
  }
}
