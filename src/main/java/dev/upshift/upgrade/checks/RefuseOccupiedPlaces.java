package dev.upshift.upgrade.checks;

import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * What upshift will make must not be there yet, for it removes nothing that it has not made; and
 * the candidate's port must be free.
 */
public record RefuseOccupiedPlaces(List<PgServer> places, PgServer candidate) implements Refusal {
  private static final int MILLIS = 2000;

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
      place.folders().stream()
          .filter(folder -> !place.host().list(folder).isEmpty())
          .forEach(folder ->
              findings.add(
                  Finding.blocks(
                      folder + " on " + place.name() + " is not empty",
                      "move it away (a cluster that a package has made there:"
                          + " pg_dropcluster), or correct the folder in the topology")));
      if (!place.config().equals(place.data()) && !mayBeMade(place)) {
        findings.add(
            Finding.blocks(
                place.admin().osUser() + " may not make " + place.config() + " on " + place.name(),
                "as root: install -d -o " + place.admin().osUser() + " " + place.config()));
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
    if (answers(candidate)) {
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

  /** Whether the user that owns the data directories may write where it will be. */
  private static boolean mayBeMade(PgServer place) {
    var there = place.config();
    while (there.getNameCount() > 1 && !place.host().exists(there)) {
      there = there.resolveSibling("");
    }
    return place.host().ask(Command.of("test", "-w", there)).ok();
  }

  /** Whether anything listens where the candidate will: on its address, or on all. */
  private static boolean answers(PgServer server) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.address(), server.port()), MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
