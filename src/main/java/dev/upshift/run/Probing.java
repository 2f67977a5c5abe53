package dev.upshift.run;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.journal.Json;
import dev.upshift.postgres.PgServer;
import dev.upshift.probe.HostsCopy;
import dev.upshift.probe.ProbeOptions;
import dev.upshift.probe.ledger.LedgerCheck;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The probe of a run: a process of its own, in a session of its own, that goes on when we are
 * killed and is found again by its log.
 */
public final class Probing {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int FIRST_LINE_BYTES = 200;

  private final Topology topology;
  private final Topology.Probe probe;
  private final RunFolder folder;
  private final TablesNote tables;
  private final Object beginning = new Object();
  private boolean stopped;

  /** The probe that the topology describes, for a run. */
  public Probing(Topology topology, Topology.Probe probe, RunFolder folder) {
    this.topology = topology;
    this.probe = probe;
    this.folder = folder;
    this.tables = TablesNote.in(folder);
  }

  /** Makes the probe's tables on the server, where this run has not made them yet. */
  public void makeTables(PgServer primary) {
    if (probe.writes() && !tables.areMade()) {
      tables.begin();
      with(primary, connection -> ProbeTables.create(connection, probe.user()));
      tables.made();
    }
  }

  /** Whether its tables are there, made by this run or an earlier one. */
  boolean hasTables(PgServer primary) {
    try (var session = primary.connect(probe.database())) {
      return session.isTrue("SELECT to_regclass('upshift_probe.ledger_keyed') IS NOT NULL");
    }
  }

  /**
   * Starts a probe where none runs, and keeps nobody who waits: neither for its log, which may be
   * long, nor for what goes wrong, which the report then shows.
   */
  void begin() {
    Thread.ofPlatform()
        .daemon()
        .name("probe")
        .start(() -> {
          try {
            synchronized (beginning) {
              if (!stopped && running().isEmpty()) {
                start();
              }
            }
          } catch (WorldError e) {
            note(e);
          }
        });
  }

  private void note(WorldError e) {
    try {
      Files.writeString(
          output(), e.getMessage() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException disk) {
      // The journal, on the same disk, tells of it.
    }
  }

  /** Sees to it that a probe runs, on tables that are there. */
  public void ensureRunning() {
    if (running().isPresent()) {
      return;
    }
    start();
    if (!Deadline.in(LIMIT).until(PAUSE, () -> running().isPresent())) {
      throw new WorldError(
          "this machine", "the probe did not start: " + said(), "its output is " + output());
    }
  }

  private void start() {
    try {
      Files.deleteIfExists(folder.probeStop());
      var options =
          new ProbeOptions(
              folder.probeLog(),
              folder.probeStop(),
              probe.readDatabase(),
              probe.writeDatabase(),
              probe.user(),
              topology.admin().passfile(),
              probe.port(),
              probe.read(),
              probe.write(),
              probe.rate(),
              probe.writes(),
              Map.of(),
              hostsCopy());
      var java = Path.of(System.getProperty("java.home"), "bin", "java");
      var command = new ArrayList<>(List.of("setsid", "--fork"));
      command.addAll(
          options.command(
              java,
              System.getProperty("java.class.path"),
              topology.traffic().hostsFile().map(file -> file.on(probe.from()))));
      var output = ProcessBuilder.Redirect.appendTo(output().toFile());
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(output)
          .start()
          .getOutputStream()
          .close();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not start the probe: " + e.getMessage(), "", e);
    }
  }

  /** Names are looked up as the machine does for which it measures; that may be a far one. */
  private Optional<HostsCopy> hostsCopy() {
    return topology.access() == Topology.Access.LOCAL
        ? Optional.empty()
        : topology
            .traffic()
            .hostsFile()
            .map(file ->
                new HostsCopy(
                    folder.probeHosts(),
                    Machines.reach(topology, probe.from())
                        .toRun(
                            Command.of("sh", "-c", HostsCopy.SAYING, file.on(probe.from()))
                                .toString())));
  }

  /**
   * Ends the probe, if it runs, and waits until it has written its last line. One that is still
   * about to begin finds the wish when it does.
   */
  public void stop() {
    synchronized (beginning) {
      stopped = true;
    }
    if (!Files.exists(output())) {
      return;
    }
    try {
      Files.writeString(folder.probeStop(), "");
      if (!Deadline.in(LIMIT.plusSeconds(30)).until(PAUSE, () -> running().isEmpty())) {
        running().ifPresent(ProcessHandle::destroy);
      }
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "could not stop the probe: " + e.getMessage(),
          "end the process that " + folder.probeLog() + " names",
          e);
    }
  }

  /**
   * Looks for every acknowledged write on the server that serves now, and keeps the result in the
   * run's folder.
   */
  public LedgerResult checkLedger(PgServer primary) {
    try {
      var log = ProbeLog.read(folder.probeLog());
      var result = new LedgerResult[1];
      with(primary, connection -> result[0] = LedgerCheck.check(connection, log));
      Files.writeString(folder.ledger(), Json.pretty(result[0]) + "\n");
      return result[0];
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not read or keep the ledger: " + e.getMessage(), "", e);
    }
  }

  /** Removes the probe's tables. */
  public void dropTables(PgServer primary) {
    with(primary, ProbeTables::drop);
  }

  /** Whether it has made tables, and left them behind: nobody measures any more. */
  boolean hasLeftTables() {
    return hasMadeTables() && running().isEmpty();
  }

  /** They are gone. */
  void forgetTables() {
    tables.forget();
  }

  /** Whether this run has made, or begun to make, the probe's tables. */
  public boolean hasMadeTables() {
    return tables.areBegun();
  }

  /**
   * Whether a probe has begun this run's log: its file is there before its first line, and a probe
   * that dies in between leaves an empty one.
   */
  public boolean everRan() {
    var log = folder.probeLog();
    if (!Files.exists(log)) {
      return false;
    }
    try (var lines = Files.newInputStream(log)) {
      return new String(lines.readNBytes(FIRST_LINE_BYTES), StandardCharsets.UTF_8).contains("\n");
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read " + log + ": " + e.getMessage(), "", e);
    }
  }

  /** Whether the ledger of this run was looked at already. */
  public boolean isLedgerChecked() {
    return Files.exists(folder.ledger());
  }

  private interface Work {
    void on(java.sql.Connection connection) throws SQLException;
  }

  private void with(PgServer primary, Work work) {
    try (var connection = primary.jdbc(probe.database())) {
      work.on(connection);
    } catch (SQLException e) {
      throw new WorldError(
          primary.name(),
          "the probe's tables in " + probe.database() + ": " + e.getMessage(),
          "",
          e);
    }
  }

  private Optional<ProcessHandle> running() {
    try {
      return everRan() ? ProbeLog.read(folder.probeLog()).running() : Optional.empty();
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not read the probe's log: " + e.getMessage(), "", e);
    }
  }

  private Path output() {
    return folder.folder().resolve("probe.out");
  }

  private String said() {
    try {
      return Files.exists(output()) ? Files.readString(output()).strip() : "it said nothing";
    } catch (IOException e) {
      return "its output cannot be read";
    }
  }
}
