package dev.upshift.testing;

import dev.upshift.host.SshReach;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * An OpenSSH server of a test's own on an address of 127.0.0.0/8, with keys of its own. {@link
 * #close} ends it with all sessions and deletes it.
 *
 * <p>As root it runs in a mount namespace of its own, in which the user and the folder are there
 * that it wants; everything else in it is as outside. There is also an account {@link #OPS}, which
 * may do nothing but log in.
 */
public final class ThrowawaySshd implements AutoCloseable {
  /** An account without any rights. */
  public static final String OPS = "upshift-ops";

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final boolean ROOT = System.getProperty("user.name").equals("root");

  /** /run with one more folder, in which all that was there is bound again. */
  private static final String IN_ITS_OWN_NAMESPACE =
      """
      set -e
      home=$1 sshd=$2 shell=$3
      [ -z "$shell" ] || mount --bind "$shell" "$(readlink -f /bin/sh)"
      mount --bind "$home/passwd" /etc/passwd
      mkdir -p "$home/run"
      mount --rbind /run "$home/run"
      mount -t tmpfs -o mode=0755 tmpfs /run
      mkdir -m 0755 -p /run/sshd
      for there in "$home"/run/*; do
        here=/run/${there##*/}
        if [ -L "$there" ]; then cp -P "$there" "$here"
        elif [ -d "$there" ]; then mkdir -p "$here"; mount --rbind "$there" "$here"
        else : >"$here"; mount --bind "$there" "$here"; fi
      done
      umount -l "$home/run"
      exec "$sshd" -D -e -f "$home/sshd_config"
      """;

  private final Path home;
  private final String address;
  private final int port;
  private final Optional<Path> shell;
  private Process process;

  private ThrowawaySshd(Path home, String address, int port, Optional<Path> shell)
      throws IOException {
    this.home = home;
    this.address = address;
    this.port = port;
    this.shell = shell;
    this.process = launch();
  }

  /** Starts one at a free place, and waits until it answers. */
  public static ThrowawaySshd start(String... settings) throws IOException {
    return start(Optional.empty(), settings);
  }

  /** The same on a machine whose sh is another program, as far as we may mount. */
  public static ThrowawaySshd startWithShell(Path shell, String... settings) throws IOException {
    return start(Optional.of(shell), settings);
  }

  private static ThrowawaySshd start(Optional<Path> shell, String... settings) throws IOException {
    var home = Files.createTempDirectory(Path.of("/tmp"), "up");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    var address = "127.0.0." + (2 + ThreadLocalRandom.current().nextInt(250));
    int port = Throwaway.freePort(address);
    for (var key : List.of("host_key", "id")) {
      run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", home.resolve(key));
    }
    Files.copy(home.resolve("id.pub"), home.resolve("authorized_keys"));
    Files.writeString(
        home.resolve("known_hosts"),
        "[%s]:%d %s".formatted(address, port, Files.readString(home.resolve("host_key.pub"))));
    var ops = Files.createDirectory(home.resolve("ops"));
    Files.writeString(
        home.resolve("passwd"),
        // What bash reads at each login is the machine's own, and none of a test's.
        Files.readString(Path.of("/etc/passwd"))
                .replaceFirst("(?m)^(root:.*:)[^:\n]*$", "$1/bin/sh")
            + "sshd:x:64998:65534::/run/sshd:/usr/sbin/nologin\n"
            + OPS
            + ":x:64999:65534::"
            + ops
            + ":/bin/sh\n");
    Files.writeString(home.resolve("ssh_config"), clientSettings(home, address, port));
    Files.writeString(
        home.resolve("sshd_config"),
        String.join("\n", settings) + "\n" + serverSettings(home, address, port));
    var server = new ThrowawaySshd(home, address, port, shell);
    server.awaitAnswer();
    return server;
  }

  private Process launch() throws IOException {
    var sshd = LabFixture.programs().sshd().toString();
    var command =
        ROOT
            ? List.of(
                "unshare",
                "--mount",
                "--",
                "sh",
                "-c",
                IN_ITS_OWN_NAMESPACE,
                "sh",
                home.toString(),
                sshd,
                shell.map(Path::toString).orElse(""))
            : List.of(sshd, "-D", "-e", "-f", home.resolve("sshd_config").toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
        .start();
  }

  private static String serverSettings(Path home, String address, int port) {
    return """
    ListenAddress %s
    Port %d
    HostKey %s
    AuthorizedKeysFile %s
    PidFile none
    StrictModes no
    UsePAM no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitRootLogin yes
    MaxStartups 100
    """
        .formatted(address, port, home.resolve("host_key"), home.resolve("authorized_keys"));
  }

  private static String clientSettings(Path home, String address, int port) {
    return """
    Host *
      HostName %s
      Port %d
      IdentityFile %s
      IdentitiesOnly yes
      IdentityAgent none
      UserKnownHostsFile %s
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
    """
        .formatted(address, port, home.resolve("id"), home.resolve("known_hosts"));
  }

  private static void run(Object... words) throws IOException {
    Throwaway.awaitEnd(
        new ProcessBuilder(Stream.of(words).map(Object::toString).toList()).inheritIO().start());
  }

  private void awaitAnswer() throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!answers()) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        var said = log();
        close();
        throw new IOException("no SSH server: " + said);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private boolean answers() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1000);
      return socket.getInputStream().read() == 'S';
    } catch (IOException e) {
      return false;
    }
  }

  /** The way to it for the account that runs the tests. */
  public SshReach reach() {
    return SshReach.of("machine").withConfiguration(home.resolve("ssh_config"));
  }

  /** What the client trusts: one line a key. */
  public Path knownHosts() {
    return home.resolve("known_hosts");
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** What it has logged. */
  public String log() throws IOException {
    return Files.readString(home.resolve("log"));
  }

  /** The processes of the connections that are open now. */
  public List<ProcessHandle> sessions() {
    return process.children().filter(ProcessHandle::isAlive).toList();
  }

  /** Sends a signal, like STOP, to the processes of all connections. */
  public void signalSessions(String name) throws IOException {
    var pids = process.descendants().filter(ThrowawaySshd::isServer).toList();
    for (var pid : pids) {
      run("kill", "-" + name, Long.toString(pid.pid()));
    }
  }

  private static boolean isServer(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "comm"))
          .startsWith("sshd");
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it at once with its connections; what runs in them goes on. */
  public void stop() throws IOException {
    var servers = process.descendants().filter(ThrowawaySshd::isServer).toList();
    process.destroyForcibly();
    servers.forEach(ProcessHandle::destroyForcibly);
    Throwaway.awaitEnd(process);
  }

  /** Starts it again at the same place. */
  public void startAgain() throws IOException {
    process = launch();
    awaitAnswer();
  }

  @Override
  public void close() throws IOException {
    stop();
    Throwaway.delete(home);
  }
}
