package dev.upshift.cli;

import dev.upshift.lab.Lab;
import dev.upshift.lab.LabOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "lab", description = "a real cluster to play with: lab up, lab status, lab down")
final class LabCommand implements Callable<Integer> {
  /** What lab up alone has. */
  static final class HostsWish {
    @Option(
        names = "--hosts",
        description =
            "give each server a host of its own on this machine, reached by ssh (as root):"
                + " databases, applications, balancer; visitors come from this machine")
    private boolean hosts;

    @Option(
        names = "--systemd",
        description =
            "the same, with systemd on the databases' hosts, and PostgreSQL as Debian installs it")
    private boolean systemd;

    @Option(
        names = "--pg-ctlcluster",
        description =
            "the same without systemd: pg_ctlcluster starts and stops what Debian has installed")
    private boolean pgCtlCluster;

    @Option(
        names = "--bare",
        description =
            "hosts without applications, balancer and visitors: the application servers are there"
                + " to have their names led")
    private boolean bare;

    private LabOptions of(LabOptions options) {
      return bare ? onHosts(options).withoutApplications() : onHosts(options);
    }

    private LabOptions onHosts(LabOptions options) {
      if (systemd) {
        return options.withSystemd();
      }
      if (pgCtlCluster) {
        return options.withPgCtlCluster();
      }
      return hosts || bare ? options.onSeparateHosts() : options;
    }
  }

  private final Console console;

  LabCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console.note("which? upshift lab up, upshift lab status, upshift lab down");
    return ExitCode.INPUT.number();
  }

  @Command(name = "up", description = "start one, with its applications, and leave it running")
  int up(@Mixin LabWishes wishes, @Mixin HostsWish wish) {
    var options = wish.of(wishes.options());
    try (var bar = new ProgressBar(console)) {
      var lab = Lab.up(options, bar);
      console.print("the lab runs in " + lab.dir() + "\ntopology   " + lab.topologyFile());
      lab.hosts()
          .map(all -> "hosts      ssh -F " + all.sshConfig() + " " + all.names().getFirst())
          .ifPresent(console::print);
      if (options.applications()) {
        console.print("site       " + lab.site());
      }
      console.print(
          "passwords  "
              + lab.passfile()
              + "\ntry        upshift check "
              + lab.topologyFile()
              + "\n           upshift upgrade "
              + lab.topologyFile()
              + " --yes");
      return ExitCode.DONE.number();
    }
  }

  @Command(name = "status", description = "what runs in it")
  int status(@Mixin LabWishes wishes) {
    var status = Lab.at(dir(wishes)).status();
    status.servers().forEach(server -> console.print(server.toString()));
    status
        .processes()
        .forEach(process ->
            console.print(
                "%-10s %s".formatted(process.name(), process.running() ? "runs" : "does not run")));
    return ExitCode.DONE.number();
  }

  @Command(name = "down", description = "end everything of it and remove it")
  int down(@Mixin LabWishes wishes) {
    Lab.at(dir(wishes)).down();
    console.print("the lab in " + dir(wishes) + " is gone");
    return ExitCode.DONE.number();
  }

  private static Path dir(LabWishes wishes) {
    return wishes.dir().orElseGet(Lab::usualDir);
  }
}
