package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Hosts that share nothing but this machine's kernel and its file system: each has its own network
 * address on a network that joins them, its own processes, its own /etc, /run and /dev/shm, a name,
 * and an SSH server that root can log in to. They can be cut off from each other and from us. Only
 * root can make them.
 *
 * <p>Everything that is to be known of them lies in one folder. They outlive us, and end with
 * {@link #down}, or all at once with the processes that hold them: nothing of theirs is a file, a
 * mount or an interface of this machine that could stay behind, but the folder.
 */
public final class SeparateHosts {
  private static final int SSH_PORT = 22;

  /** A first packet that is lost is sent again after a second: rather try again before. */
  private static final int CONNECT_MILLIS = 100;

  private static final int ANSWER_MILLIS = 2000;
  private static final String READY = "ready\n";

  /** Of networks, when somebody else takes one at the same moment. */
  private static final int TRIES = 10;

  private static final int FIRST_NUMBER = 11;
  private static final int LAST_NUMBER = 254;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final String SWITCH = ".switch";
  private static final String NAME = "[a-z][a-z0-9-]{0,11}";

  private final HostsFolder folder;

  private SeparateHosts(HostsFolder folder) {
    this.folder = folder;
  }

  /**
   * Makes hosts of these names and waits until each can be logged in to. When that fails, nothing
   * is left behind.
   *
   * @param dir is made, for root alone; its path has letters, digits and . _ / + @ - only
   * @param sshd the SSH server's program
   * @throws InputError when we are not root, or a program is missing
   * @throws WorldError when this machine cannot have such hosts
   */
  public static SeparateHosts up(Path dir, List<String> names, Path sshd) {
    var numbers = new LinkedHashMap<String, Integer>();
    IntStream.range(0, names.size()).forEach(i -> numbers.put(names.get(i), FIRST_NUMBER + i));
    return up(dir, numbers, sshd);
  }

  /**
   * The same with the last number of each host's address.
   *
   * @throws InputError when we are not root, or a program is missing
   * @throws WorldError when this machine cannot have such hosts
   */
  public static SeparateHosts up(Path dir, Map<String, Integer> numbers, Path sshd) {
    return up(dir, numbers, sshd, Debian.NOWHERE);
  }

  /**
   * Where PostgreSQL is as Debian installs it.
   *
   * @param hosts their names
   * @param versions the folder above {@code bin} of each version's programs
   * @param systemd whether systemd is the first process there
   */
  record Debian(Set<String> hosts, Map<PgVersion, Path> versions, boolean systemd) {
    static final Debian NOWHERE = new Debian(Set.of(), Map.of(), false);
  }

  /** The same with Debian's PostgreSQL on some of them. */
  static SeparateHosts up(Path dir, Map<String, Integer> numbers, Path sshd, Debian debian) {
    HostsNeeds.check();
    numbers.forEach(SeparateHosts::check);
    try {
      HostsFolder.makePrivate(dir);
      return begin(dir, new LinkedHashMap<>(numbers), sshd, debian);
    } catch (RuntimeException | Error e) {
      // A wish to end has been heard; what follows must not be interrupted by it.
      boolean interrupted = Thread.interrupted();
      try {
        remove(dir);
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      throw e;
    }
  }

  private static void check(String name, int number) {
    if (!name.matches(NAME) || number <= HostsNetwork.HERE || number > LAST_NUMBER) {
      throw new IllegalArgumentException("a host '" + name + "' at " + number);
    }
  }

  private static SeparateHosts begin(
      Path dir, Map<String, Integer> numbers, Path sshd, Debian debian) {
    var network = startSwitch(dir);
    var folder = new HostsFolder(dir, network, numbers);
    folder.write();
    run(
        List.of(),
        "this machine could not be joined to its hosts",
        HostScripts.HERE,
        network.link(),
        network.address(HostsNetwork.HERE),
        folder.neighbours().toString());
    var hosts = new SeparateHosts(folder);
    var theSwitch = hosts.enclosure(SWITCH).network();
    numbers.keySet().forEach(name -> hosts.start(name, theSwitch, sshd, debian));
    var deadline = Deadline.in(LIMIT);
    numbers.keySet().forEach(name -> hosts.await(name, deadline));
    folder.writeKnownHosts();
    return hosts;
  }

  /** A network that another lab takes at the same moment is not ours: then the next one. */
  private static HostsNetwork startSwitch(Path dir) {
    var caller = Long.toString(ProcessHandle.current().pid());
    var said = "";
    for (var network : HostsNetwork.free().limit(TRIES).toList()) {
      var home = dir.resolve(SWITCH);
      HostsFolder.makePrivate(home);
      var enclosure = new Enclosure(home);
      enclosure.start(
          List.of("--net"),
          HostScripts.SWITCH,
          List.of(caller, network.link(), network.hardware(HostsNetwork.HERE)));
      Deadline.in(LIMIT).until(PAUSE, () -> enclosure.log().equals(READY) || enclosure.failed());
      said = enclosure.log();
      if (said.equals(READY)) {
        return network;
      }
      remove(home);
      if (!said.contains("File exists")) {
        break;
      }
    }
    throw HostsNeeds.refused("this machine", "it has no network for its hosts", said);
  }

  private void start(String name, String theSwitch, Path sshd, Debian debian) {
    boolean installed = debian.hosts().contains(name);
    boolean becomes = installed && debian.systemd();
    var arguments =
        new ArrayList<>(
            List.of(
                name,
                theSwitch,
                address(name),
                folder.hardware(name),
                sshd.toString(),
                folder.neighbours().toString(),
                ControlGroup.of(folder.dir().resolve(name)).name()));
    if (installed) {
      debian.versions().forEach((version, path) -> arguments.add(version + "=" + path));
    }
    enclosure(name)
        .start(
            List.of("--uts", "--ipc", "--net"),
            HostScripts.FURNISH
                + (installed ? DebianScripts.INSTALL : "")
                + (becomes ? DebianScripts.BECOME_SYSTEMD : HostScripts.SERVE),
            arguments);
  }

  private void await(String name, Deadline deadline) {
    var enclosure = enclosure(name);
    if (!deadline.until(PAUSE, () -> answers(name) || enclosure.failed()) || enclosure.failed()) {
      throw HostsNeeds.refused(name, "the host did not come up", enclosure.log());
    }
  }

  private boolean answers(String name) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address(name), SSH_PORT), CONNECT_MILLIS);
      socket.setSoTimeout(ANSWER_MILLIS);
      return socket.getInputStream().read() == 'S';
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The hosts that were made in this folder.
   *
   * @throws InputError when there are none
   */
  public static SeparateHosts at(Path dir) {
    return new SeparateHosts(HostsFolder.of(dir));
  }

  /** A configuration for ssh that knows every host by its name. */
  public Path sshConfig() {
    return folder.sshConfig();
  }

  /** The names, in the order in which they were given. */
  public List<String> names() {
    return List.copyOf(folder.numbers().keySet());
  }

  /** A host's address. */
  public String address(String name) {
    return folder.address(name);
  }

  /** This machine's address, as the hosts see it. */
  public String addressHere() {
    return network().address(HostsNetwork.HERE);
  }

  HostsNetwork network() {
    return folder.network();
  }

  private Enclosure enclosure(String name) {
    return new Enclosure(folder.dir().resolve(name));
  }

  /** Whether the host is there; one that is cut off is. */
  public boolean runs(String name) {
    return enclosure(name).runs();
  }

  /**
   * From now on every packet from and to this host vanishes: nobody is told, open connections stay
   * open and silent.
   */
  public void cutOff(String name) {
    inSwitch(name + " could not be cut off", HostScripts.CUT_OFF, name);
  }

  /**
   * Ends the host's connections at once, and from now on refuses every other, as a machine does
   * that has come up again without its programs. On the host everything runs on.
   */
  public void reset(String name) {
    inSwitch(
        name + " could not be reset",
        HostScripts.RESET,
        name,
        folder.hardware(name),
        address(name),
        folder.neighbours().toString(),
        enclosure(name).network(),
        network().range());
  }

  /** Takes {@link #cutOff} or {@link #reset} back; does nothing where neither was done. */
  public void join(String name) {
    inSwitch(name + " could not be joined again", HostScripts.JOIN, name, folder.hardware(name));
  }

  private void inSwitch(String failure, String script, String... arguments) {
    var prefix = List.of("nsenter", "--net=" + enclosure(SWITCH).network());
    run(prefix, failure, script, arguments);
  }

  private static void run(List<String> prefix, String failure, String script, String... arguments) {
    var command = new ArrayList<>(List.of("env", "PATH=" + Enclosure.PATH));
    command.addAll(prefix);
    command.addAll(List.of("sh", "-ec", script, "sh"));
    command.addAll(List.of(arguments));
    var ended = Child.run(command, LIMIT);
    if (ended.failed()) {
      throw HostsNeeds.refused("this machine", failure, String.join("\n", ended.lines()));
    }
  }

  /**
   * Ends every host with all that runs on it, and removes the folder; may be called again, and by
   * another process.
   */
  public void down() {
    remove(folder.dir());
  }

  /** The same, whatever state they are in. */
  static void remove(Path dir) {
    var link = linkOf(dir);
    Enclosure.endBelow(dir);
    // The kernel takes interfaces away a moment after the last process of their namespace.
    if (!Deadline.in(LIMIT).until(PAUSE, () -> !HostsNeeds.links().contains(link))) {
      throw new WorldError(
          "this machine", "the interface " + link + " is still there", "ip link del " + link);
    }
    HostsFolder.hostsBelow(dir).forEach(host -> ControlGroup.of(host).remove());
    new LocalHost("this machine", Witness.NONE).remove(dir);
  }

  /** The interface that will go with the switch, if the switch is there to have one. */
  private static String linkOf(Path dir) {
    try {
      return new Enclosure(dir.resolve(SWITCH)).runs()
          ? HostsNetwork.parse(Files.readString(dir.resolve("network"))).link()
          : "";
    } catch (IOException e) {
      return "";
    }
  }
}
