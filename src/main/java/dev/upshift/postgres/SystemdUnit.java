package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.Output;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A unit of systemd, spoken to as root. What it stops by its own command it does not start again,
 * whatever {@code Restart=} says (systemd.service(5)); a server that was stopped behind its back it
 * would. Somebody else may start it all the same, a timer, another unit or a program that looks
 * after configurations: a drop-in in /run keeps it down, which systemctl mask would not do for a
 * unit that lies in /etc.
 *
 * @param host the machine, as the user that owns the data directory
 * @param unit its name
 * @param within the server itself, whose processes the unit may or may not have started
 */
record SystemdUnit(Host host, String unit, PgCtl within) implements Starter {
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Debian's pg_ctlcluster is done with looking after some 6 s. */
  private static final Duration STARTING = Duration.ofSeconds(15);

  private static final String KEPT_DOWN =
      """
      # Written by upshift: this server is stopped while, or because, another one serves in its
      # place. It is started by upshift alone; after 'upshift finish' this file may be removed.
      [Unit]
      AssertPathExists=/run/upshift-starts-it-itself
      """;

  private Host root() {
    return host.as("root");
  }

  private Command systemctl(Object... arguments) {
    return Command.of("systemctl", arguments);
  }

  /** As systemd writes it: with its kind. */
  static String full(String unit) {
    return unit.endsWith(".service") ? unit : unit + ".service";
  }

  private Path dropIns() {
    return Path.of("/run/systemd/system", full(unit) + ".d");
  }

  private Path dropIn() {
    return dropIns().resolve("upshift.conf");
  }

  @Override
  public Output start(Path log, Deadline deadline) {
    if (root().exists(dropIn())) {
      root().remove(dropIn());
      if (root().list(dropIns()).isEmpty()) {
        root().remove(dropIns());
      }
      root().run(systemctl("daemon-reload"));
    } else {
      reloadWhereNeeded();
    }
    // Not waited for: Debian's unit goes on trying to log in as postgres for seconds, which a fence
    // does not let it.
    var command = systemctl("start", "--no-block", unit);
    var started = root().attempt(command);
    if (host.onlyShows()) {
      return started;
    }
    boolean ended =
        started.ok() && deadline.until(PAUSE, () -> within.files().areReady(host) || hasFailed());
    return ended && within.files().areReady(host)
        ? started
        : new Output(host.name(), command, 1, started.out(), started.err());
  }

  /** One of us may have died between a file and telling systemd of it. */
  private void reloadWhereNeeded() {
    if (show("NeedDaemonReload").contains("NeedDaemonReload=yes")) {
      root().run(systemctl("daemon-reload"));
    }
  }

  /** A job that waits has not begun yet. */
  private boolean hasFailed() {
    var state = show("ActiveState,Job");
    return !state.contains("ActiveState=active")
        && !state.contains("ActiveState=activating")
        && state.stream().noneMatch(line -> line.startsWith("Job=") && !line.equals("Job=0"));
  }

  private List<String> show(String properties) {
    return root().ask(systemctl("show", "--property=" + properties, unit)).out().lines().toList();
  }

  @Override
  public String lastWords(Path log) {
    return Starter.tail(
        root()
            .ask(
                Command.of("journalctl", "--unit", unit, "--lines=8", "--no-pager", "--output=cat"))
            .out());
  }

  @Override
  public void stop(PgServer.Stop mode, Deadline deadline) {
    if (mode == PgServer.Stop.IMMEDIATE) {
      // First it must know that the end is meant.
      root().attempt(systemctl("stop", "--no-block", unit));
      endWithoutUnit(mode, deadline);
      root().attempt(systemctl("stop", unit).within(left(deadline)));
      root().attempt(systemctl("reset-failed", unit));
      return;
    }
    if (!host.onlyShows()) {
      awaitStarted(Deadline.in(STARTING).orEarlier(deadline));
    }
    root()
        .attempt(systemctl("stop", unit).within(left(deadline)))
        .orFail("systemctl status " + unit);
    endWithoutUnit(mode, deadline);
  }

  private static Duration left(Deadline deadline) {
    return deadline.remaining().plus(GRACE);
  }

  /**
   * A unit that is still starting is not stopped by its own command: each of its processes gets
   * SIGTERM (systemd.service(5), ExecStop=), and a server's own ones among them is no clean stop.
   */
  private void awaitStarted(Deadline deadline) {
    deadline.until(PAUSE, () -> !show("ActiveState").contains("ActiveState=activating"));
  }

  /** What pg_upgrade or somebody's hand has started is no process of the unit. */
  private void endWithoutUnit(PgServer.Stop mode, Deadline deadline) {
    if (host.onlyShows() || !within.files().areAtWork(host)) {
      return;
    }
    try {
      within.stop(mode, deadline);
    } catch (WorldError e) {
      // The unit's own stop may have come first: then pg_ctl finds nothing to stop.
      if (within.files().areAtWork(host)) {
        throw e;
      }
    }
  }

  @Override
  public void keepDown() {
    if (!root().exists(dropIn())) {
      root().makeFolder(dropIns());
      root().replaceText(dropIn(), KEPT_DOWN);
      root().run(systemctl("daemon-reload"));
    } else {
      reloadWhereNeeded();
    }
  }

  @Override
  public void comeUpWithMachine() {
    // Debian's units are enabled by what stands in start.conf (postgresql-generator), and by
    // nothing
    // else.
    root().run(systemctl("daemon-reload"));
    if (!mayComeUp()) {
      root().run(systemctl("enable", unit));
    }
  }

  /** A unit that others start, as Debian's postgresql.service does, is not "disabled". */
  @Override
  public boolean mayComeUp() {
    return !enabled().equals("disabled");
  }

  private String enabled() {
    return root().ask(systemctl("is-enabled", unit)).out().strip();
  }

  @Override
  public void stayDownWithMachine() {
    if (enabled().equals("enabled")) {
      root().run(systemctl("disable", unit));
    }
  }
}
