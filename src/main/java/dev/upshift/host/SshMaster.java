package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One connection to a machine, from its login to its end: ssh's master, which carries a shell for
 * our own questions, and through whose socket further shells are opened without another login. The
 * master ends with us even if we are killed, because its shell's input ends then.
 */
final class SshMaster implements AutoCloseable {
  private static final Duration FORWARD_LIMIT = Duration.ofSeconds(10);
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(2);

  /**
   * A connection without an answer for 15 s is lost. What the operator's configuration may say for
   * sessions at a terminal does not hold for ours.
   */
  static final List<String> OPTIONS =
      Stream.of(
              "BatchMode=yes",
              "ServerAliveInterval=5",
              "ServerAliveCountMax=3",
              "ControlPersist=no",
              "ClearAllForwardings=yes",
              "ForwardX11=no",
              "PermitLocalCommand=no",
              "RemoteCommand=none",
              "StreamLocalBindMask=0177")
          .flatMap(option -> Stream.of("-o", option))
          .toList();

  private final String name;
  private final Path socket;
  private final SshShell control;
  private final ReentrantLock controlLock = new ReentrantLock();
  private final SshUser login;
  private final Map<String, SshUser> users = new ConcurrentHashMap<>();
  private final Map<String, SshShells> shells = new ConcurrentHashMap<>();
  private final Set<Path> forwarded = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private SshMaster(String name, Path socket, SshShell control, SshUser login) {
    this.name = name;
    this.socket = socket;
    this.control = control;
    this.login = login;
  }

  /**
   * Logs in.
   *
   * @param socket where the master is to listen; its path has to be short
   * @throws WorldError when it cannot, with ssh's own last lines
   */
  static SshMaster open(String name, SshReach reach, Path socket, Deadline deadline) {
    var command = new ArrayList<>(List.of("setsid", "ssh", "-M", "-T", "-S", socket.toString()));
    command.addAll(OPTIONS);
    command.addAll(reach.options());
    command.addAll(List.of("--", reach.target(), "exec sh"));
    var failure = new SshFailure(name, reach);
    var process = start(name, command);
    try {
      var control = SshShell.on(process, deadline);
      var answer = control.answer(ShellText.script(SshUser.askWhoWeAre()), deadline);
      if (!answer.ok()) {
        control.close();
        throw failure.of("cannot tell who it is logged in as: " + answer.reason());
      }
      return new SshMaster(name, socket, control, SshUser.parse(answer.text()));
    } catch (Unanswered e) {
      throw failure.of(e.said());
    } catch (TimeoutException e) {
      process.destroy();
      throw failure.late(deadline.length());
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new WorldError(name, "connecting was interrupted", "", e);
    }
  }

  /**
   * No terminal and no other way to ask for a password: also a jump host's ssh, which does not know
   * of BatchMode, must fail. And Ctrl-C at our terminal must not end what we still need for
   * clearing up.
   */
  private static Process start(String name, List<String> command) {
    var builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("SSH_ASKPASS_REQUIRE", "never");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new WorldError(
          name, "ssh could not be started here: " + e.getMessage(), "install OpenSSH's client", e);
    }
  }

  boolean isOpen() {
    return control.isOpen();
  }

  /** What ssh said last. */
  String lastLines() {
    return control.aside().strip();
  }

  SshUser login() {
    return login;
  }

  /**
   * Who this is.
   *
   * @throws WorldError when there is no such user
   */
  SshUser user(String user, Deadline deadline) throws Unanswered, InterruptedException {
    if (user.equals(login.name())) {
      return login;
    }
    var known = users.get(user);
    if (known != null) {
      return known;
    }
    var answer = control(ShellText.script(SshUser.askWhoIs(user)), deadline);
    if (!answer.ok()) {
      throw new WorldError(
          name, "there is no operating system user '" + user + "'", "correct admin.os-user");
    }
    var found = SshUser.parse(answer.text());
    users.put(user, found);
    return found;
  }

  /** The shells of this user. */
  SshShells shells(SshUser user) {
    return shells.computeIfAbsent(user.name(), _ -> new SshShells(this, user));
  }

  /** Used for questions that do not last; without an answer the connection is given up. */
  private Answer control(ShellText text, Deadline deadline)
      throws Unanswered, InterruptedException {
    if (!controlLock.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new Unanswered(Unanswered.Kind.BUSY, "");
    }
    try {
      return control.answer(text, deadline);
    } catch (TimeoutException e) {
      close();
      throw new Unanswered(Unanswered.Kind.STUCK, lastLines());
    } finally {
      controlLock.unlock();
    }
  }

  /** A shell can end alone; without an answer all of the connection is given up. */
  void closeUnlessItAnswers() throws InterruptedException {
    try {
      control(ShellText.script(":"), Deadline.in(PROBE_LIMIT));
    } catch (Unanswered e) {
      close();
    }
  }

  /** One more session, in which a shell of this user runs. */
  Process session(SshUser user) {
    var words = user.shellFrom(login).stream().map(Command::quoted);
    return start(name, muxed(List.of("exec " + words.collect(Collectors.joining(" ")))));
  }

  /**
   * ssh without any configuration, for it goes through the master's socket only: a connection of
   * its own would fail.
   */
  private List<String> muxed(List<String> rest) {
    var command =
        new ArrayList<>(List.of("setsid", "ssh", "-F", "none", "-T", "-S", socket.toString()));
    command.addAll(List.of("-o", "ControlMaster=no", "-o", "ProxyCommand=false"));
    if (rest.getFirst().startsWith("-")) {
      command.addAll(rest);
      command.add("machine");
    } else {
      command.addAll(List.of("--", "machine"));
      command.addAll(rest);
    }
    return command;
  }

  /**
   * Ends a shell of this user with everything that it started, in a way that nothing escapes: all
   * are stopped before the first is killed.
   *
   * @return whether that is certain; if not, the connection is given up
   */
  boolean kill(SshShell shell, SshUser user) {
    var text = ShellText.script("freeze_and_kill " + shell.pid());
    var deadline = Deadline.in(KILL_LIMIT);
    boolean interrupted = Thread.interrupted();
    try {
      if (login.isRoot() || user.uid().equals(login.uid())) {
        control(text, deadline);
      } else {
        try (var other = SshShell.on(session(user), deadline)) {
          other.answer(text, deadline);
        }
      }
      return true;
    } catch (Unanswered | TimeoutException e) {
      close();
      return false;
    } catch (InterruptedException e) {
      interrupted = true;
      close();
      return false;
    } finally {
      shell.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Lets a socket here lead to one there, or to a port.
   *
   * @throws Unanswered when the master does not do it
   */
  void forward(Path here, String there) throws Unanswered, InterruptedException {
    try {
      Files.createDirectories(here.getParent()); // beside the master's socket: nobody else gets in
      Files.deleteIfExists(here); // before the master makes it
    } catch (IOException e) {
      throw new Unanswered(Unanswered.Kind.LOST_BEFORE, String.valueOf(e.getMessage()));
    }
    var request = List.of("-O", "forward", "-L", here + ":" + there);
    var process = start(name, muxed(request));
    try {
      var said = new Said(process.getErrorStream());
      boolean ended = process.waitFor(FORWARD_LIMIT);
      if (!ended || process.exitValue() != 0) {
        throw new Unanswered(
            Unanswered.Kind.LOST_BEFORE, ended ? said.text().strip() : "ssh does not answer");
      }
      forwarded.add(here);
    } catch (IOException e) {
      throw new Unanswered(Unanswered.Kind.LOST_BEFORE, String.valueOf(e.getMessage()));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Whether this socket here leads there over this very connection. */
  boolean leadsTo(Path here) {
    return forwarded.contains(here);
  }

  /** Ends every shell and the connection. */
  @Override
  public void close() {
    // Another thread may have lost it, too, and the next one's sockets have the same places.
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    shells.values().forEach(SshShells::close);
    control.close();
    try {
      Files.deleteIfExists(socket);
      for (var here : forwarded) {
        Files.deleteIfExists(here);
      }
    } catch (IOException e) {
      // The folder that they lie in is removed in the end.
    }
  }

  /** Why there is no session of this user while the connection is there: sudo does not let us. */
  Unanswered refused(SshUser user, Unanswered why) {
    boolean becoming = !user.uid().equals(login.uid());
    if (isOpen() && becoming && !why.said().contains("refused by peer")) {
      throw new WorldError(
          name,
          "cannot work as '%s' from the account '%s'%s"
              .formatted(
                  user.name(), login.name(), why.said().isEmpty() ? "" : "\n  " + why.said()),
          "let sudo allow it without a password, as in '%s ALL=(%s) NOPASSWD: ALL', or log in as %s"
              .formatted(
                  login.name(), user.name(), user.isRoot() ? "root" : user.name() + " or root"),
          why);
    }
    return new Unanswered(Unanswered.Kind.LOST_BEFORE, why.said());
  }
}
