package dev.upshift.topology;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The cluster to upgrade and everything around it, as the operator describes it. Validated
 * completely when it is read (by the topology file reader): whoever holds one need not check it
 * again.
 *
 * @param file where it was read from; state lies beside it
 * @param cluster its name: lower-case letters, digits, '-' and '_'
 * @param access how its machines are reached
 * @param ssh what ssh is told
 * @param oldCluster the running major version
 * @param newCluster the version upgraded to
 * @param admin the superuser the tool works as
 * @param servers the database servers: exactly one primary, exactly one candidate, any number of
 *     standbys
 * @param candidateFrom how the candidate is made
 * @param names the database names that applications find in hosts files, each with the server it
 *     leads to; none where there is no hosts file
 * @param traffic what leads clients to the servers
 * @param online the fleet that must keep serving
 * @param offline the fleet that may be stopped
 * @param agents what would act on its own when a database server stops
 * @param ddl what becomes of changes of the schema while the new side follows
 * @param mayHaveJobs whether the operator lives with what becomes of jobs that change it
 * @param wayBack whether the old primary follows the new one after the switch
 * @param limits the operator's bounds
 * @param probe how reads and writes are measured from outside, if they are
 * @param stateDir where runs are kept
 */
public record Topology(
    Path file,
    String cluster,
    Access access,
    Ssh ssh,
    Side oldCluster,
    Side newCluster,
    Admin admin,
    List<Server> servers,
    CandidateFrom candidateFrom,
    Map<String, String> names,
    Traffic traffic,
    Online online,
    Offline offline,
    Agents agents,
    Ddl ddl,
    boolean mayHaveJobs,
    WayBack wayBack,
    Limits limits,
    Optional<Probe> probe,
    Path stateDir) {

  /** Where the candidate's data comes from. */
  public sealed interface CandidateFrom {
    /** A base backup of the primary. */
    record Primary() implements CandidateFrom {}

    /** A base backup of this standby. */
    record Standby(String server) implements CandidateFrom {}

    /** What a program of the operator's restores: it and its arguments. */
    record Backup(List<String> program) implements CandidateFrom {}
  }

  /** What becomes of changes of the schema while the new side follows. */
  public enum Ddl {
    /** They are refused, with the reason. */
    REFUSE,
    /** They go through, and are found before the switch. */
    DETECT
  }

  /** Whether there is a way back to the old version that keeps the writes made since. */
  public enum WayBack {
    /** The old primary follows the new one until upshift finish. */
    OPEN,
    /** There is none: the old primary stays as it was at the switch. */
    NONE
  }

  /** How machines are reached. */
  public enum Access {
    /** Every server of the topology is this machine, as in the lab. */
    LOCAL,
    /** Each is reached by the system's ssh. */
    SSH
  }

  /**
   * What ssh is told besides a machine's name.
   *
   * @param config a configuration file in place of the usual one
   * @param user the account to log in to
   */
  public record Ssh(Optional<Path> config, Optional<String> user) {}

  /**
   * One of the two clusters. {@code {server}} in a path stands for the server's name.
   *
   * @param version the major version
   * @param bin the folder of its programs
   * @param data the data directory on each server
   * @param config the folder of postgresql.conf, pg_hba.conf and pg_ident.conf on each server;
   *     often the data directory
   * @param port the port it listens on
   * @param sockets the folder of its Unix sockets on each server
   * @param service what starts and stops it
   */
  public record Side(
      PgVersion version,
      Path bin,
      String data,
      String config,
      int port,
      String sockets,
      Service service) {
    /** With its configuration in its data directory, and nobody who looks after it. */
    public Side(PgVersion version, Path bin, String data, int port, String sockets) {
      this(version, bin, data, data, port, sockets, new Service.PgCtl());
    }

    /** The data directory on the given server. */
    public Path data(Server server) {
      return Path.of(expand(data, server.name()));
    }

    /** The folder of its configuration on the given server. */
    public Path config(Server server) {
      return Path.of(expand(config, server.name()));
    }

    /** The folder of Unix sockets on the given server. */
    public Path sockets(Server server) {
      return Path.of(expand(sockets, server.name()));
    }
  }

  /** What starts and stops a server. */
  public sealed interface Service {
    /** PostgreSQL's own program; nobody else looks after the server. */
    record PgCtl() implements Service {}

    /** Debian's, for a cluster of this name. */
    record PgCtlCluster(String name) implements Service {}

    /** systemd, by this unit; {@code {server}} stands for the server's name. */
    record Systemd(String unit) implements Service {
      /** The unit on the given server. */
      public String on(Server server) {
        return expand(unit, server.name());
      }
    }
  }

  /**
   * The superuser the tool works as.
   *
   * @param user the role; it must be the one that initdb made
   * @param passfile a file in the form of .pgpass, mode 0600
   * @param osUser the operating system's user that owns the data directories
   * @param database the database the tool connects to first
   */
  public record Admin(String user, Path passfile, String osUser, String database) {}

  /** A database server. */
  public record Server(String name, String address, Role role) {}

  /** What a database server is when the run begins. */
  public enum Role {
    PRIMARY,
    STANDBY,
    /** The extra standby that will be upgraded and become the new primary. */
    CANDIDATE,
    /** A place with nothing on it yet, for a standby of the new version. */
    NEW_STANDBY
  }

  /**
   * What leads clients to the servers: at least one of them.
   *
   * @param hostsFile the hosts file of each application server
   * @param pgbouncer the poolers
   * @param haproxy a proxy between applications and databases
   * @param hook a program of the operator's
   */
  public record Traffic(
      Optional<HostsFiles> hostsFile,
      Optional<PgBouncers> pgbouncer,
      Optional<Proxy> haproxy,
      Optional<Hook> hook) {}

  /**
   * HAProxy between applications and databases.
   *
   * @param host the machine it runs on
   * @param socket its admin-level stats socket
   * @param config its configuration, where that is kept in step
   * @param servers servers of its backends, backend/server, each with the server it leads to now
   */
  public record Proxy(
      String host, Path socket, Optional<Path> config, Map<String, String> servers) {}

  /**
   * A program of the operator's that leads names.
   *
   * @param host the machine it runs on
   * @param command the program and arguments of its own
   * @param names what it leads, each with the server it leads to now
   * @param limit what one call may take
   */
  public record Hook(
      String host, List<String> command, Map<String, String> names, Duration limit) {}

  /** The hosts file of each application server; {@code {server}} stands for its name. */
  public record HostsFiles(String path) {
    /** The file on the given application server. */
    public Path on(String server) {
      return Path.of(expand(path, server));
    }
  }

  /**
   * The poolers between the applications and the servers.
   *
   * @param processes every process of them: where several listen on one port, each has its own
   *     configuration and its own socket
   * @param readWrite the entries of {@code [databases]} that lead to the primary
   * @param readOnly the entries that are only read from, each with the server it leads to now
   * @param admin a user of {@code admin_users}; its password stands in the admin's passfile
   * @param mayPoolSessions whether the operator lives with a read-write pool in session mode, whose
   *     clients are cut off
   */
  public record PgBouncers(
      List<PoolerProcess> processes,
      List<String> readWrite,
      Map<String, String> readOnly,
      String admin,
      boolean mayPoolSessions) {
    /** Every managed entry. */
    public List<String> pools() {
      return Stream.concat(readWrite.stream(), readOnly.keySet().stream()).toList();
    }
  }

  /** A pooler's process: the machine it runs on, and its configuration there. */
  public record PoolerProcess(String host, Path config) {}

  /**
   * The online fleet.
   *
   * @param servers all of it
   * @param minimal the part that stays in the load balancer during the switch
   * @param park the standby that reads go to while writes are held
   * @param balancer the load balancer in front of it, if there is one
   */
  public record Online(
      List<String> servers, List<String> minimal, String park, Optional<HaProxy> balancer) {
    /** The servers that leave the balancer for the switch. */
    public List<String> rest() {
      return servers.stream().filter(server -> !minimal.contains(server)).toList();
    }
  }

  /**
   * HAProxy, spoken to on its runtime socket.
   *
   * @param socket the admin-level stats socket
   * @param backends the backends that list the online fleet, under the servers' names
   * @param host the machine it runs on
   */
  public record HaProxy(Path socket, List<String> backends, String host) {}

  /**
   * The offline fleet. In the commands, {@code {server}} stands for the server's name.
   *
   * @param servers all of it
   * @param stop stops the workers of one server, gracefully
   * @param start starts them
   * @param status exits 0 if they run and 3 if they do not (the LSB's and systemctl's convention)
   * @param last the servers whose tasks are time-sensitive: they stop last and only for as long as
   *     it must be
   */
  public record Offline(
      List<String> servers,
      List<String> stop,
      List<String> start,
      List<String> status,
      List<String> last) {
    /** The servers that stop first. */
    public List<String> first() {
      return servers.stream().filter(server -> !last.contains(server)).toList();
    }
  }

  /**
   * The operator's bounds.
   *
   * @param holdPhysical the longest time writes may be held in the physical method
   * @param holdLogical the same in the logical method
   * @param lagBytes how far the candidate may be behind when the switch begins
   * @param retainedBytes how much WAL the old primary may retain for the new one
   */
  public record Limits(
      Duration holdPhysical, Duration holdLogical, long lagBytes, long retainedBytes) {}

  /**
   * How reads and writes are measured from outside.
   *
   * @param user the role the probe works as; its password stands in the admin's passfile
   * @param database the database that has its tables, as the servers call it
   * @param rate attempts a second in each lane
   * @param writes whether it writes too
   * @param from the application server in whose place it stands: it looks through its hosts file,
   *     where there is one
   * @param read the host it reads from
   * @param write the host it writes to
   * @param port the port of both
   * @param readDatabase the database it asks for in order to read: a pooler's entry, or the same
   * @param writeDatabase the database it asks for in order to write
   */
  public record Probe(
      String user,
      String database,
      int rate,
      boolean writes,
      String from,
      String read,
      String write,
      int port,
      String readDatabase,
      String writeDatabase) {}

  /** The primary of the old cluster. */
  public Server primary() {
    return only(Role.PRIMARY);
  }

  /** The extra standby that becomes the new primary. */
  public Server candidate() {
    return only(Role.CANDIDATE);
  }

  /** The standbys, in the order of the file. */
  public List<Server> standbys() {
    return servers.stream().filter(server -> server.role() == Role.STANDBY).toList();
  }

  /** The places for standbys that are of the new version from the beginning. */
  public List<Server> newStandbys() {
    return servers.stream().filter(server -> server.role() == Role.NEW_STANDBY).toList();
  }

  /**
   * The server of that name; the topology was validated, so a name that is not there is our bug.
   */
  public Server server(String name) {
    return servers.stream().filter(server -> server.name().equals(name)).findFirst().orElseThrow();
  }

  /** Puts the server's name for {@code {server}}. */
  public static String expand(String template, String server) {
    return template.replace("{server}", server);
  }

  private Server only(Role role) {
    return servers.stream().filter(server -> server.role() == role).findFirst().orElseThrow();
  }
}
