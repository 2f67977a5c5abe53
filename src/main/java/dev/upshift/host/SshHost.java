package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine that is reached by the system's ssh. One connection is kept open, and on it shells that
 * wait for what is to be done; nobody is ever asked for a password. It behaves as {@link LocalHost}
 * does, and in one thing more: what only looks is asked once more where the connection was lost;
 * what changes something is not, and its error says whether it may have run.
 *
 * <p>Another user's programs are run by setpriv where root is logged in, else by sudo, which has to
 * allow it without a password. Whether that works shows with the first thing that he is to do. Root
 * works on files itself and gives new ones to the user. What talks to a Unix socket there is, for
 * whoever listens, the account that is logged in.
 */
public final class SshHost implements Host {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final SshAccount account;
  private final Witness witness;
  private final SshFiles files;
  private final SshProcesses processes;
  private final Jobs jobs;

  SshHost(SshAccount account, Witness witness) {
    this.account = account;
    this.witness = witness;
    this.files = new SshFiles(account);
    this.processes = new SshProcesses(account);
    this.jobs = new Jobs(this, account::attempt);
  }

  @Override
  public String name() {
    return account.name();
  }

  @Override
  public Host as(String other) {
    return account.user().equals(Optional.of(other))
        ? this
        : new SshHost(new SshAccount(name(), account.connection(), Optional.of(other)), witness);
  }

  /** Logs in, if that was not done yet. */
  void open() {
    account.connection().open();
  }

  @Override
  public Output ask(Command command) {
    return account.ask(command);
  }

  @Override
  public Output attempt(Command command) {
    witness.effect(name(), command.toString());
    return account.attempt(command);
  }

  @Override
  public Optional<byte[]> read(Path file) {
    return files.read(file);
  }

  @Override
  public boolean exists(Path path) {
    return files.exists(path);
  }

  @Override
  public List<String> list(Path folder) {
    return files.list(folder);
  }

  @Override
  public long freeBytes(Path path) {
    return files.freeBytes(path);
  }

  @Override
  public Staged stage(Path file, byte[] content) {
    var ready = files.stage(file, content);
    return new Staged() {
      private boolean committed;

      @Override
      public void commit() {
        witness.effect(name(), "replace " + file + " (" + content.length + " bytes)");
        committed = true;
        ready.commit();
      }

      @Override
      public void close() {
        if (!committed) {
          ready.discard();
        }
      }
    };
  }

  @Override
  public void makeFolder(Path folder) {
    if (!files.isFolder(folder)) {
      witness.effect(name(), "mkdir -p -m 0700 " + folder);
      files.makeFolder(folder);
    }
  }

  @Override
  public void remove(Path path) {
    if (files.isThere(path)) {
      witness.effect(name(), "remove " + path);
      var command = Command.of("rm", "-rf", "--one-file-system", path);
      account.attempt(command.within(Duration.ofHours(2))).orFail();
    }
  }

  @Override
  public void move(Path from, Path to) {
    witness.effect(name(), "rename " + from + " to " + to);
    account.attempt(Command.of("mv", "-T", from, to)).orFail();
  }

  @Override
  public void launch(Path folder, Command command) {
    if (state(folder) instanceof JobState.NotStarted) {
      witness.effect(name(), command.toString());
      makeFolder(folder);
      jobs.launch(folder, command);
    }
  }

  @Override
  public JobState state(Path folder) {
    return jobs.state(folder);
  }

  @Override
  public JobState await(Path folder, Deadline deadline) {
    return jobs.await(folder, deadline);
  }

  @Override
  public void kill(Path folder, Duration limit) {
    if (state(folder) instanceof JobState.NotStarted) {
      return;
    }
    witness.effect(name(), "kill what was started in " + folder);
    jobs.kill(folder, limit);
  }

  @Override
  public Map<String, String> children(String pid) {
    return processes.children(pid);
  }

  @Override
  public boolean worksIn(String pid, Path folder) {
    return processes.worksIn(pid, folder);
  }

  @Override
  public void terminate(List<String> pids) {
    if (!pids.isEmpty()) {
      witness.effect(name(), "kill -TERM " + String.join(" ", pids));
      processes.terminate(pids);
    }
  }

  @Override
  public Talk talk(Command command, String echo) {
    var process = account.connection().session(account.user(), LIMIT);
    var talk = new ProcessTalk(name(), command, "echo %s", witness, process);
    return SshTalk.begin(talk, account, command, echo);
  }

  @Override
  public Path reach(Path socket) {
    return account
        .connection()
        .forward(socket.toString(), String.valueOf(socket.getFileName()), LIMIT);
  }

  @Override
  public Optional<Path> reach(String address, int port) {
    var there = (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
    return Optional.of(account.connection().forward(there, "port", LIMIT));
  }

  @Override
  public String ask(Path socket, String line) {
    var failure = "no answer from " + socket + " to '" + line + "'";
    if (!files.exists(socket)) {
      throw new WorldError(name(), failure + ": there is no such file", "");
    }
    try {
      var answer = UnixSocket.ask(reach(socket), line);
      // Here everybody is let in; whether anybody listens there, only the connection knows.
      var said = account.connection().lastLines();
      if (answer.isEmpty() && said.contains("open failed")) {
        throw new WorldError(
            name(),
            failure + "\n  " + said,
            "does anybody listen there, may the account that logs in talk to it, and does the SSH"
                + " server allow AllowStreamLocalForwarding?");
      }
      return answer;
    } catch (IOException e) {
      throw LocalHost.failed(name(), failure, e);
    }
  }

  @Override
  public String tell(Path socket, String line) {
    witness.effect(name(), line + "  > " + socket);
    return ask(socket, line);
  }
}
