package dev.upshift.upgrade.checks;

import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/**
 * What upshift will make must not be there yet, for it removes nothing that it has not made; and
 * the candidate's port must be free.
 */
public record RefuseOccupiedPlaces(List<PgServer> places, PgServer candidate) implements Refusal {

  @Override
  public String id() {
    return "occupied-places";
  }

  @Override
  public String title() {
    return "the new data directories are empty, socket folders are there, the port is free";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var place : places) {
      if (!place.host().list(place.data()).isEmpty()) {
        findings.add(
            Finding.blocks(
                place.data() + " on " + place.name() + " is not empty",
                "move it away, or correct the data folder in the topology"));
      }
    }
    places.stream()
        .filter(place -> !place.host().exists(place.sockets()))
        .forEach(place ->
            findings.add(
                Finding.blocks(
                    "there is no folder "
                        + place.sockets()
                        + " on "
                        + place.name()
                        + " for the server's socket",
                    "make it, for the user "
                        + place.admin().osUser()
                        + "; or correct the sockets folder in the topology")));
    var listening =
        candidate.host().ask(Command.of("ss", "-Hltn", "sport", "=", ":" + candidate.port())).out();
    var taken =
        listening
            .lines()
            .map(line -> line.strip().split("\\s+"))
            .filter(columns -> columns.length > 3)
            .map(columns -> columns[3])
            .anyMatch(address ->
                address.equals(candidate.address() + ":" + candidate.port())
                    || address.startsWith("0.0.0.0:")
                    || address.startsWith("*:"));
    if (taken) {
      findings.add(
          Finding.blocks(
              "port "
                  + candidate.port()
                  + " of "
                  + candidate.address()
                  + " on "
                  + candidate.name()
                  + " is taken",
              "end the program that listens there: ss -ltnp sport = :" + candidate.port()));
    }
    return findings;
  }
}
