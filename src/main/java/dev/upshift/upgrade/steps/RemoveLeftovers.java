package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.HbaFile;
import dev.upshift.postgres.Leftovers;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.ReplicaIdentity;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Removes all that is ours from the side that serves: schemas, role, lines of pg_hba.conf,
 * settings, the folders beside the data directories; and gives tables the replica identity that
 * they had. What a standby still needs that goes on as our role stays, and is told.
 *
 * @param standbys its standbys
 * @param retired the servers of the other side, which keep their data directories only
 * @param given what earlier runs have given the cluster
 */
public record RemoveLeftovers(
    PgServer primary, List<PgServer> standbys, List<PgServer> retired, OwnRole role, Given given)
    implements Forward<Nothing, RemoveLeftovers.Left> {

  /**
   * What stays.
   *
   * @param pending settings that the next restart of the primary brings back to what they were
   * @param needed what cannot go yet, and why
   * @param idle the machines that serve nothing any more and may go, with the data directories that
   *     are left there
   */
  public record Left(List<String> pending, List<String> needed, List<String> idle) {}

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final List<String> BLOCKS = List.of("replication", "stale", "fence");

  @Override
  public String title() {
    return "Remove what is ours from " + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Left apply(Nothing before) {
    var databases = Databases.namesOf(primary);
    var identities = new TreeMap<>(given.identities());
    identities.keySet().retainAll(databases); // by now schemas may be changed again
    ReplicaIdentity.takeBack(primary, identities);
    for (var database : databases) {
      try (var session = primary.connect(database)) {
        Leftovers.dropSchemas(session);
      }
    }
    boolean needed = Leftovers.isStreamedAs(primary, role.name());
    if (!needed) {
      Leftovers.dropRole(primary, role.name());
      everywhere().filter(PgServer::isRunning).forEach(RemoveLeftovers::withoutOurLines);
      Stream.concat(everywhere(), retired.stream().filter(server -> server.away().isEmpty()))
          .forEach(RemoveLeftovers::removeFolder);
    }
    Leftovers.resetSettings(primary);
    if (given.oldPrimary().changed()) {
      Leftovers.resetWalLevel(primary, given.oldPrimary().walLevel());
    }
    primary.reload(Deadline.in(LIMIT));
    return new Left(Leftovers.pending(primary), needed ? whatStays() : List.of(), idle());
  }

  private List<String> idle() {
    var used = everywhere().map(PgServer::name).toList();
    return retired.stream()
        .filter(server -> !used.contains(server.name()))
        .map(server ->
            "%s (%s%s)"
                .formatted(
                    server.name(),
                    server.data(),
                    server.away().map(why -> "; away, and not stopped: " + why).orElse("")))
        .distinct()
        .toList();
  }

  /**
   * What a running server says at first goes into a file there, and all of it without a collector.
   */
  private static void removeFolder(PgServer server) {
    boolean writes =
        server.isRunning() && !server.ask("SHOW logging_collector").equals(Optional.of("on"));
    var folder = server.workFolder();
    if (!writes) {
      server.host().remove(folder);
      return;
    }
    server.host().list(folder).stream()
        .filter(name -> !name.equals(PgServer.START_LOG))
        .forEach(name -> server.host().remove(folder.resolve(name)));
  }

  private Stream<PgServer> everywhere() {
    return Stream.concat(Stream.of(primary), standbys.stream());
  }

  private List<String> whatStays() {
    return List.of(
        "the role "
            + role.name()
            + ", its lines in pg_hba.conf, slots and password files: a standby streams as it");
  }

  private static void withoutOurLines(PgServer server) {
    var hba = server.hba();
    var without = hba;
    for (var block : BLOCKS) {
      without = without.withoutBlock(block);
    }
    if (!without.equals(hba)) {
      server.writeHba(new HbaFile(without.text()));
      server.reload(Deadline.in(LIMIT));
    }
  }

  @Override
  public Verdict verify(Left left) {
    var found = new ArrayList<String>();
    for (var database : Databases.namesOf(primary)) {
      try (var session = primary.connect(database)) {
        Leftovers.in(session).forEach(what -> found.add(database + ": " + what));
      }
    }
    if (left.needed().isEmpty()) {
      found.addAll(Leftovers.of(primary, role.name()));
    }
    return Verdict.of(found.isEmpty(), "still there: " + found);
  }
}
