package dev.upshift.testing;

import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.postgres.PgServer;
import dev.upshift.topology.Topology;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/**
 * repmgr itself on the database hosts of a lab with systemd: a repmgrd for each server, run by a
 * unit, that promotes a standby when the primary has not answered for some seconds.
 *
 * @param hosts each server's machine, by its name
 */
public record Repmgr(Topology topology, Function<String, Host> hosts) {
  /** The unit's name. */
  public static final String UNIT = "repmgrd";

  /** Its library has to be there, and preloaded, on each server. */
  public static final String LIBRARY = "repmgr";

  private static final Path HOME = Path.of("/var/lib/postgresql");
  private static final Path CONFIG = HOME.resolve("repmgr.conf");
  private static final Path PASSFILE = HOME.resolve("repmgr.pass");
  private static final Path UNIT_FILE = Path.of("/etc/systemd/system/" + UNIT + ".service");

  /** Makes its role, with a password on every host, and its database. */
  public void makeRole(PgServer primary) {
    var secret = new byte[12];
    new SecureRandom().nextBytes(secret);
    var password = HexFormat.of().formatHex(secret);
    try (var session = primary.connect()) {
      session.execute("CREATE ROLE repmgr SUPERUSER LOGIN");
      session.setPassword("repmgr", password);
      session.execute("CREATE DATABASE repmgr OWNER repmgr");
    }
    topology
        .servers()
        .forEach(server ->
            owner(server.name()).replaceSecret(PASSFILE, "*:*:*:repmgr:" + password + "\n"));
  }

  /** Writes its configuration and its unit, for the server of this side. */
  public void configure(String server, Topology.Side side) {
    var number = topology.servers().stream().map(Topology.Server::name).toList().indexOf(server);
    var program = side.bin().resolve("repmgr");
    owner(server)
        .replaceText(
            CONFIG,
            """
            node_id=%1$d
            node_name='%2$s'
            conninfo='host=%3$s port=%4$d user=repmgr dbname=repmgr passfile=%5$s connect_timeout=2'
            data_directory='%6$s'
            config_directory='%7$s'
            pg_bindir='%8$s'
            failover=automatic
            promote_command='%9$s -f %10$s standby promote'
            follow_command='%9$s -f %10$s standby follow --upstream-node-id=%%n'
            monitor_interval_secs=1
            reconnect_attempts=2
            reconnect_interval=1
            """
                .formatted(
                    number + 1,
                    server,
                    topology.server(server).address(),
                    topology.oldCluster().port(),
                    PASSFILE,
                    side.data(),
                    side.config(),
                    side.bin(),
                    program,
                    CONFIG));
    var machine = hosts.apply(server);
    machine.replaceText(
        UNIT_FILE,
        """
        [Service]
        User=%1$s
        # A standby says whom it follows now; on a primary this fails, and is no matter.
        ExecStartPre=-%2$s -f %4$s standby register --force
        ExecStart=%3$s -f %4$s --daemonize=false
        Restart=on-failure
        RestartSec=1
        """
            .formatted(topology.admin().osUser(), program, side.bin().resolve("repmgrd"), CONFIG));
    machine.run(Command.of("systemctl", "daemon-reload"));
  }

  /** Names the primary to it. */
  public void registerPrimary(String server, Topology.Side side) {
    owner(server)
        .run(Command.of(side.bin().resolve("repmgr"), "-f", CONFIG, "primary", "register"));
  }

  /** Starts repmgrd on these. */
  public void start(List<String> servers) {
    servers.forEach(server -> hosts.apply(server).run(Command.of("systemctl", "start", UNIT)));
  }

  /** What systemd says of it there. */
  public String state(String server) {
    return hosts.apply(server).ask(Command.of("systemctl", "is-active", UNIT)).out().strip();
  }

  private Host owner(String server) {
    return hosts.apply(server).as(topology.admin().osUser());
  }
}
