package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.topology.PgVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where everything of a lab lies. */
record LabFolder(Path dir) {
  /** sun_path has 108 bytes on Linux (unix(7)), 104 elsewhere, with the closing zero. */
  private static final int LONGEST_SOCKET_BYTES = 103;

  /** HAProxy makes its socket under a longer name first. */
  private static final int LONGEST_BALANCER_SOCKET_BYTES = 90;

  /** On a host of its own, whose /run nobody else sees. */
  static final String SOCKETS_OF_A_HOST = "/run/postgresql";

  /** On a host of its own likewise. */
  static final Path BALANCER_SOCKET_OF_A_HOST = Path.of("/run/haproxy/admin.sock");

  /** Is there on a host without applications as long as its workers might run. */
  static final Path WORKERS_OF_A_HOST = Path.of("/run/workers");

  private static final String LONGEST_NAME = "db4";
  private static final String LONGEST_SOCKET_NAME = ".s.PGSQL.65535";

  /**
   * Checks that programs can live with the path.
   *
   * @throws InputError when it is too long for the sockets, or holds a character that would have to
   *     be quoted in some configuration file
   */
  LabFolder {
    if (!dir.toString().matches("/[A-Za-z0-9_./+@-]*")) {
      throw new InputError(
          "the lab's folder has a blank or another special character in its path: " + dir,
          "choose a folder whose path has letters, digits and . _ / + @ - only");
    }
  }

  /** Complains when the sockets' paths are longer than the operating system allows. */
  void checkLength() {
    var socket = Path.of(sockets().replace("{server}", LONGEST_NAME)).resolve(LONGEST_SOCKET_NAME);
    int tooMany =
        Math.max(
            bytes(socket) - LONGEST_SOCKET_BYTES,
            bytes(balancerSocket()) - LONGEST_BALANCER_SOCKET_BYTES);
    int most = dir.toString().length() - tooMany;
    if (tooMany > 0) {
      throw new InputError(
          "the path of the lab's folder is too long for Unix sockets: " + dir,
          "choose a folder whose path has at most " + most + " characters");
    }
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** Says that the folder is a lab, and what it is made of. */
  Path marker() {
    return dir.resolve("lab.properties");
  }

  Path topology() {
    return dir.resolve("upshift.yaml");
  }

  /** Where upshift keeps its runs on this lab, as the topology has it. */
  Path runs() {
    return dir.resolve(".upshift");
  }

  Path passfile() {
    return dir.resolve("passfile");
  }

  Path databases() {
    return dir.resolve("db");
  }

  Path database(String server) {
    return databases().resolve(server);
  }

  /** With {server}, as the topology has it. */
  String data(PgVersion version) {
    return databases() + "/{server}/" + version + "/data";
  }

  /** With {server}, as the topology has it. */
  String sockets() {
    return databases() + "/{server}/run";
  }

  /** Of {@link SeparateHosts}: their keys, and what is known of them. */
  Path separateHosts() {
    return dir.resolve("hosts");
  }

  Path archive() {
    return databases().resolve("archive");
  }

  /** The poolers', each in a folder of its name; as short as the servers' sockets. */
  Path poolers() {
    return dir.resolve("pool");
  }

  Path pooler(String name) {
    return poolers().resolve(name);
  }

  Path poolerConfig(String name) {
    return pooler(name).resolve("pgbouncer.ini");
  }

  /** Where a pooler's job lies, and what it says. */
  Path poolerJob(String name) {
    return pooler(name).resolve("run");
  }

  Path fleet() {
    return dir.resolve("fleet");
  }

  Path script() {
    return fleet().resolve("workers.sh");
  }

  Path hosts(String server) {
    return fleet().resolve(server).resolve("hosts");
  }

  /** What the named process is told to do. */
  Path conf(String process) {
    return fleet().resolve(process + ".conf");
  }

  /** The counters of the named process. */
  Path totals(String process) {
    return fleet().resolve(process).resolve("totals.json");
  }

  Path balancer() {
    return dir.resolve("lb1");
  }

  Path balancerConf() {
    return balancer().resolve("haproxy.cfg");
  }

  Path balancerSocket() {
    return balancer().resolve("admin.sock");
  }

  /** Where HAProxy's job lies, and what it says. */
  Path balancerJob() {
    return balancer().resolve("run");
  }
}
