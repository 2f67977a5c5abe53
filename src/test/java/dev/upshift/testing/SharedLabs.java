package dev.upshift.testing;

import dev.upshift.engine.Outcome;
import dev.upshift.fleet.Workers;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.lab.LabOptions;
import dev.upshift.lab.Programs;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Upgrade;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Labs that several stories use, since the making of one takes longer than most stories: a story
 * asks for one that serves as it was made, or for one that has been upgraded, and gets the kept one
 * where it fits. They are taken down with the last test.
 */
public final class SharedLabs implements ParameterResolver {

  private static final Programs.Pair PAIR = LabFixture.programs().newestPair();

  /** What the shared labs, and all that name no version, are upgraded from. */
  public static final PgVersion FROM = PAIR.older();

  /** What they are upgraded to. */
  public static final PgVersion TO = PAIR.newer();

  /** A worker that the operator had stopped before anything began. */
  public static final String STOPPED_WORKER = "work2";

  private static final String SERVERS = "servers";
  private static final String FLEETS = "fleets";

  /**
   * A lab and the topology file that a story works with.
   *
   * @param before what it was like when it was made
   */
  public record Stand(LabFixture fixture, Path file, LabSnapshot before) {
    /** The topology, read anew. */
    public Topology topology() {
      return TopologyFile.read(file);
    }

    /** Another topology file beside it, with one place replaced that stands there once. */
    public Path with(String name, String old, String fresh) {
      return Texts.copy(file, file.resolveSibling(name + ".yaml"), old, fresh);
    }

    /** Does in this process what an operator asks for, go at the gate included. */
    public RunEnd run(Path topologyFile, Upgrade.Ask ask, Consumer<Entry> reader) {
      return new Upgrade(
              TopologyFile.read(topologyFile),
              Method.PHYSICAL,
              (_, _) -> Optional.of(new dev.upshift.engine.Gate.Go("a test", "--yes")),
              reader)
          .run(ask);
    }

    /** Not after an upgrade, and not after a story that failed half-way. */
    private boolean isAsMade() {
      return RunFolder.latest(topology()).map(RunFolder::isFinished).orElse(true)
          && before.differencesTo(LabSnapshot.of(topology())).isEmpty();
    }

    private boolean isUpgraded() {
      return RunFolder.latest(topology()).map(RunFolder::entries).orElse(List.of()).stream()
          .anyMatch(entry ->
              entry instanceof Entry.Started started
                  && started.step().equals("admit-clients-to-new"));
    }
  }

  /** The kept ones. */
  public static final class Labs implements AutoCloseable {
    private final Map<String, Stand> kept = new HashMap<>();

    /** Servers of the old version, a probe as the only client. */
    public Stand servers() {
      return old(SERVERS);
    }

    /** The same, upgraded. */
    public Stand upgradedServers() {
      return upgraded(SERVERS);
    }

    /** Servers whose WAL is archived, both fleets, the worker on work2 stopped. */
    public Stand fleets() {
      return old(FLEETS);
    }

    /** The same, upgraded. */
    public Stand upgradedFleets() {
      return upgraded(FLEETS);
    }

    private Stand old(String kind) {
      var stand = kept.get(kind);
      if (stand != null && (stand.isUpgraded() || !stand.isAsMade())) {
        kept.remove(kind);
        stand.fixture().close();
      }
      return kept.computeIfAbsent(kind, Labs::make);
    }

    private Stand upgraded(String kind) {
      var stand = kept.computeIfAbsent(kind, Labs::make);
      if (!stand.isUpgraded()) {
        var end = stand.run(stand.file(), Upgrade.Ask.UPGRADE, _ -> {});
        if (!(end instanceof RunEnd.Walked(Outcome.Completed(), var _, var _))) {
          throw new AssertionError("the upgrade did not go through: " + end);
        }
      }
      return stand;
    }

    private static Stand make(String kind) {
      boolean fleets = kind.equals(FLEETS);
      var fixture = LabFixture.up(fleets ? withFleets() : serversOnly());
      try {
        var lab = fixture.lab();
        var file = fleets ? withoutWayBack(lab.topologyFile()) : SmallFleet.describe(lab);
        var topology = TopologyFile.read(file);
        new FleetClient(topology).makeTable();
        if (fleets) {
          stopWorker(topology);
        }
        return new Stand(fixture, file, LabSnapshot.of(topology));
      } catch (SQLException | RuntimeException e) {
        fixture.close();
        throw new AssertionError(e);
      }
    }

    /** One of the two is upgraded without a way back: its old side stays down. */
    private static Path withoutWayBack(Path file) {
      return Texts.copy(
          file, file.resolveSibling("one-way.yaml"), "way-back: open", "way-back: none");
    }

    private static LabOptions withFleets() {
      return LabFixture.tiny().withVersions(FROM, TO).withArchive();
    }

    private static LabOptions serversOnly() {
      return LabFixture.serversOnly()
          .withVersions(FROM, TO)
          .withSettings(Map.of("max_prepared_transactions", "5"));
    }

    private static void stopWorker(Topology topology) {
      var host = new LocalHost(STOPPED_WORKER, Witness.NONE);
      new Workers(Map.of(STOPPED_WORKER, host), topology.offline()).stop(List.of(STOPPED_WORKER));
    }

    @Override
    public void close() {
      new ArrayList<>(kept.values()).forEach(stand -> stand.fixture().close());
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Labs.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(SharedLabs.class))
        .computeIfAbsent(Labs.class, _ -> new Labs(), Labs.class);
  }
}
