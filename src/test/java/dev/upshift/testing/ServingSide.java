package dev.upshift.testing;

import dev.upshift.host.Witness;
import dev.upshift.journal.Json;
import dev.upshift.postgres.PgServer;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.run.Course;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Looks whether one side of a cluster serves, wholly, and the other does not. */
public final class ServingSide {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Topology topology;
  private final Stage stage;
  private final FleetClient client;

  /** A look at this cluster. */
  public ServingSide(Topology topology) {
    this.topology = topology;
    this.stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
    this.client = new FleetClient(topology);
  }

  /** What is not as it was when the old side serves after an undo; empty is well. */
  public List<String> wrongWithOld(LabSnapshot before) {
    var wrong = new ArrayList<String>();
    var allowed = new ArrayList<Path>();
    allowed.add(stage.oldPrimary().data());
    topology.standbys().forEach(standby -> allowed.add(topology.oldCluster().data(standby)));
    wrong.addAll(strays(allowed));
    wrong.addAll(unseenRow());
    // A standby may be about to connect again.
    var differences = new ArrayList<String>();
    Deadline.in(SOON)
        .until(
            PAUSE,
            () -> {
              differences.clear();
              differences.addAll(before.differencesTo(LabSnapshot.of(topology, stage)));
              return differences.isEmpty();
            });
    wrong.addAll(differences);
    return wrong;
  }

  /** What is amiss when the new side is to serve, standbys included; empty is well. */
  public List<String> wrongWithNew() {
    if (topology.wayBack() == Topology.WayBack.NONE) {
      var wrong = wrongWithNew(List.of());
      wrong.addAll(notProvablyDown());
      return wrong;
    }
    var old = stage.oldPrimary();
    var beside = new ArrayList<>(List.of(old.data()));
    topology.standbys().forEach(standby -> beside.add(topology.oldCluster().data(standby)));
    var wrong = wrongWithNew(beside);
    wrong.addAll(notFollowingBack(old));
    return wrong;
  }

  /** While the way back is open the old primary runs, follows, and is closed to everybody. */
  private List<String> notFollowingBack(PgServer old) {
    var wrong = new ArrayList<String>();
    old.letsIn().ifPresent(wrong::add);
    if (accepts(old.address(), old.port())) {
      wrong.add("clients get in at " + old.address() + ":" + old.port());
    }
    var way = stage.cluster(Course.SWITCH_BACK).wayBack();
    way.databases().forEach(database -> way.follower().missing(database).ifPresent(wrong::add));
    if (way.databases().isEmpty()) {
      wrong.add(old.label() + " follows nobody");
    }
    return wrong;
  }

  private List<String> wrongWithNew(List<Path> besides) {
    var wrong = new ArrayList<String>();
    var allowed = new ArrayList<Path>(besides);
    allowed.add(stage.newPrimary().data());
    topology.standbys().forEach(standby -> allowed.add(topology.newCluster().data(standby)));
    wrong.addAll(strays(allowed));
    if (!client.address("db1.internal").equals(topology.candidate().address())) {
      wrong.add("db1.internal leads to " + client.address("db1.internal"));
    }
    wrong.addAll(unseenRow());
    return wrong;
  }

  /** What speaks against it that the old primary is down for good; empty is a proof. */
  public List<String> notProvablyDown() {
    var wrong = new ArrayList<String>();
    PgServer old = stage.oldPrimary();
    if (old.isRunning()) {
      wrong.add(old.label() + " runs");
    } else if (!old.control().shutDownCleanly()) {
      wrong.add(old.label() + " is '" + old.control().state() + "'");
    }
    wrong.addAll(stillLetsIn(old));
    return wrong;
  }

  /** Whether clients get in where the old primary is, or was; and whether old standbys run. */
  private List<String> stillLetsIn(PgServer old) {
    var wrong = new ArrayList<String>();
    if (accepts(old.address(), old.port())) {
      wrong.add("something lets clients in at " + old.address() + ":" + old.port());
    }
    for (var standby : topology.standbys()) {
      var server = stage.server(standby, topology.oldCluster());
      if (server.isRunning()) {
        wrong.add(server.label() + " runs");
      }
    }
    return wrong;
  }

  private boolean accepts(String address, int port) {
    try (var _ = client.connectTo(address, port)) {
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private List<String> strays(List<Path> allowed) {
    var databases = topology.file().toAbsolutePath().resolveSibling("db");
    var strays = new ArrayList<String>();
    Deadline.in(SOON)
        .until(
            PAUSE,
            () -> {
              strays.clear();
              strays.addAll(LabProcesses.strays(databases, allowed));
              strays.addAll(LabProcesses.in(topology.stateDir()));
              return strays.isEmpty();
            });
    return strays.stream().map(process -> "still runs: " + process).toList();
  }

  /** Writes a row as a client does, and looks for it on the standbys. */
  private List<String> unseenRow() {
    long n = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
    try {
      client.write(n);
    } catch (SQLException e) {
      return List.of("a client's write fails: " + e.getMessage());
    }
    return List.of("db2.internal", "db3.internal").stream()
        .filter(name -> !Deadline.in(SOON).until(PAUSE, () -> sees(name, n)))
        .map(name -> "a row does not arrive at " + name)
        .toList();
  }

  private boolean sees(String name, long n) {
    try {
      return client.sees(name, n);
    } catch (SQLException e) {
      return false;
    }
  }

  /** What became of the latest run's writes; empty where they were not looked for. */
  public Optional<LedgerResult> ledger() {
    var file = RunFolder.latest(topology).map(RunFolder::ledger).filter(Files::exists);
    try {
      return file.isPresent()
          ? Optional.of(Json.value(Files.readString(file.get()), LedgerResult.class))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
