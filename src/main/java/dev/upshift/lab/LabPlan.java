package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Witness;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sessions;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology.Admin;
import dev.upshift.topology.Topology.Role;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Service;
import dev.upshift.topology.Topology.Side;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What a lab is made of, as far as it must be known to look at it and to remove it. Kept in the
 * lab's folder, apart from the topology file, which people may change.
 *
 * @param osUser the operating system's user that the servers run as
 * @param scale how many podcasts the site has
 * @param poolers whether clients come in through poolers
 * @param keeper what looks after PostgreSQL
 * @param machines where the servers are
 */
record LabPlan(
    LabFolder folder,
    Side oldSide,
    Side newSide,
    Addresses addresses,
    String osUser,
    int scale,
    boolean applications,
    boolean poolers,
    Keeper keeper,
    LabMachines machines) {
  static final String SUPERUSER = "postgres";
  static final List<String> STANDBYS = List.of("db2", "db3");
  static final List<String> SERVERS = List.of("db1", "db2", "db3", "db4");
  static final List<String> WEB = List.of("web1", "web2", "web3");
  static final List<String> API = List.of("api1", "api2");
  static final List<String> WORKERS = List.of("work1", "work2");

  /** Its tasks cannot wait for long. */
  static final String LOGIN = "login1";

  static final String VISITORS = "visitors";

  /** Where HAProxy is. */
  static final String BALANCER = "lb1";

  /** What Debian calls the first cluster of a version. */
  private static final String CLUSTER = "main";

  static final List<String> POOLS = List.of("pool1", "pool2");

  /** Makes the plan of a lab whose two versions' programs are here. */
  static LabPlan of(
      LabFolder folder,
      Programs.Pair versions,
      Path oldBin,
      Path newBin,
      Addresses addresses,
      String osUser,
      LabOptions options) {
    return new LabPlan(
        folder,
        side(folder, versions.older(), oldBin, addresses.port(), place(options)),
        side(folder, versions.newer(), newBin, addresses.port(), place(options)),
        addresses,
        osUser,
        options.scale(),
        options.applications(),
        options.poolers(),
        options.keeper(),
        machines(folder, options.separateHosts()));
  }

  /**
   * How PostgreSQL is there.
   *
   * @param separate whether on hosts of their own
   */
  private record Place(boolean separate, Keeper keeper) {}

  private static Place place(LabOptions options) {
    return new Place(options.separateHosts(), options.keeper());
  }

  private static LabMachines machines(LabFolder folder, boolean separate) {
    return separate
        ? LabMachines.separate(HostsFolder.sshConfig(folder.separateHosts()))
        : LabMachines.here();
  }

  /**
   * Hosts of their own have their sockets where only they see them: whoever wants to speak through
   * one must be there.
   */
  private static Side side(LabFolder folder, PgVersion version, Path bin, int port, Place place) {
    var ofHost = LabFolder.SOCKETS_OF_A_HOST;
    return switch (place.keeper()) {
      case PG_CTL ->
          new Side(
              version,
              bin,
              folder.data(version),
              port,
              place.separate() ? ofHost : folder.sockets());
      case PG_CTLCLUSTER -> debians(version, bin, port, ofHost, new Service.PgCtlCluster(CLUSTER));
      case SYSTEMD ->
          debians(
              version,
              bin,
              port,
              ofHost,
              new Service.Systemd("postgresql@" + version + "-" + CLUSTER));
    };
  }

  private static Side debians(
      PgVersion version, Path bin, int port, String sockets, Service service) {
    var place = "postgresql/" + version + "/" + CLUSTER;
    return new Side(version, bin, "/var/lib/" + place, "/etc/" + place, port, sockets, service);
  }

  /** The same at other addresses. */
  LabPlan at(Addresses others) {
    return new LabPlan(
        folder, oldSide, newSide, others, osUser, scale, applications, poolers, keeper, machines);
  }

  /** The numbers of the hosts, where each server has one. */
  Map<String, Integer> hosts() {
    var hosts = new LinkedHashMap<String, Integer>();
    Stream.of(
            SERVERS,
            fleet(),
            poolers ? POOLS : List.<String>of(),
            applications ? List.of(BALANCER) : List.<String>of())
        .flatMap(List::stream)
        .forEach(name -> hosts.put(name, Addresses.last(name)));
    return hosts;
  }

  /** All application servers. */
  static List<String> fleet() {
    return Stream.of(WEB, API, WORKERS, List.of(LOGIN)).flatMap(List::stream).toList();
  }

  /** HAProxy's admin socket; on a host of its own where only that host sees it. */
  Path balancerSocket() {
    return machines.areSeparate() ? LabFolder.BALANCER_SOCKET_OF_A_HOST : folder.balancerSocket();
  }

  Admin admin() {
    return new Admin(SUPERUSER, folder.passfile(), osUser, SUPERUSER);
  }

  /** The server of this name on one of the two sides, whether or not there is anything of it. */
  PgServer server(String name, Side side) {
    var role =
        switch (name) {
          case "db1" -> Role.PRIMARY;
          case "db4" -> Role.CANDIDATE;
          default -> Role.STANDBY;
        };
    return new PgServer(
        new Server(name, addresses.database(name), role),
        side,
        admin(),
        machines.host(name).as(osUser),
        Sessions.live(folder.passfile(), Witness.NONE));
  }

  /** Writes it into the lab's folder, which makes that folder a lab. */
  void write() {
    write(StandardOpenOption.CREATE_NEW);
  }

  /** Writes it anew. */
  void rewrite() {
    write(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private void write(OpenOption... options) {
    var lines =
        List.of(
            "# This folder is a lab of upshift's. 'upshift lab down' stops what runs and removes"
                + " the folder.",
            "from=" + oldSide.version(),
            "from.bin=" + oldSide.bin(),
            "to=" + newSide.version(),
            "to.bin=" + newSide.bin(),
            "network=" + addresses.network(),
            "port=" + addresses.port(),
            "http=" + addresses.httpPort(),
            "os-user=" + osUser,
            "scale=" + scale,
            "applications=" + applications,
            "poolers=" + poolers,
            "separate-hosts=" + machines.areSeparate(),
            "keeper=" + keeper);
    try {
      Files.write(folder.marker(), lines, options);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not write " + folder.marker() + ": " + e.getMessage(), "", e);
    }
  }

  /**
   * Reads it.
   *
   * @throws InputError when the folder is no lab
   */
  static LabPlan read(LabFolder folder) {
    if (!Files.isRegularFile(folder.marker())) {
      throw new InputError(
          folder.dir() + " is not a lab: it has no " + folder.marker().getFileName(),
          "give the folder that 'upshift lab up' made");
    }
    var properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(folder.marker())));
    } catch (IOException e) {
      throw new WorldError(
          "this machine", folder.marker() + " cannot be read: " + e.getMessage(), "", e);
    }
    var values = new Values(folder.marker(), properties);
    var addresses =
        new Addresses(network(properties, values), values.number("port"), values.number("http"));
    boolean separate = Boolean.parseBoolean(properties.getProperty("separate-hosts", "false"));
    var place =
        new Place(separate, Keeper.valueOf(properties.getProperty("keeper", Keeper.PG_CTL + "")));
    return new LabPlan(
        folder,
        side(
            folder,
            PgVersion.parse(values.text("from")),
            Path.of(values.text("from.bin")),
            addresses.port(),
            place),
        side(
            folder,
            PgVersion.parse(values.text("to")),
            Path.of(values.text("to.bin")),
            addresses.port(),
            place),
        addresses,
        values.text("os-user"),
        values.number("scale"),
        Boolean.parseBoolean(values.text("applications")),
        Boolean.parseBoolean(properties.getProperty("poolers", "false")),
        place.keeper(),
        machines(folder, separate));
  }

  /** Labs of before there were hosts have only the third number there. */
  private static String network(Properties properties, Values values) {
    return properties.containsKey("group")
        ? "127.77." + values.number("group")
        : values.text("network");
  }

  private record Values(Path file, Properties properties) {
    String text(String key) {
      var value = properties.getProperty(key);
      if (value == null) {
        throw damaged(key);
      }
      return value;
    }

    int number(String key) {
      try {
        return Integer.parseInt(text(key));
      } catch (NumberFormatException e) {
        throw damaged(key);
      }
    }

    private InputError damaged(String key) {
      return new InputError(
          file + " has no usable line '" + key + "'",
          "end the lab's processes and remove its folder by hand");
    }
  }
}
