package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** This machine, under a name of the topology. */
public final class LocalHost implements Host {
  private final String name;
  private final OsUser user;
  private final Witness witness;
  private final Jobs jobs;

  /** This machine as the user who runs us. */
  public LocalHost(String name, Witness witness) {
    this(name, OsUser.current(), witness);
  }

  private LocalHost(String name, OsUser user, Witness witness) {
    this.name = name;
    this.user = user;
    this.witness = witness;
    this.jobs = new Jobs(this, this::start);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Host as(String other) {
    return other.equals(user.name())
        ? this
        : new LocalHost(name, OsUser.named(name, other), witness);
  }

  @Override
  public Output ask(Command command) {
    return start(command);
  }

  @Override
  public Output attempt(Command command) {
    witness.effect(name, command.toString());
    return start(command);
  }

  private Output start(Command command) {
    return waitFor(command, begin(command, false));
  }

  private Process begin(Command command, boolean mixErrorsIn) {
    var argv = new ArrayList<>(user.prefix());
    argv.addAll(command.argv());
    var builder = new ProcessBuilder(argv);
    builder.environment().clear();
    builder.environment().put("PATH", ShellText.PATH);
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("HOME", user.home());
    builder.environment().putAll(command.environment());
    builder.directory(Path.of("/").toFile());
    try {
      return builder.redirectErrorStream(mixErrorsIn).start();
    } catch (IOException e) {
      throw new WorldError(
          name, "'" + command + "' could not be started: " + e.getMessage(), "is it installed?", e);
    }
  }

  private Output waitFor(Command command, Process process) {
    var out = new Said(process.getInputStream());
    var err = new Said(process.getErrorStream());
    feed(process, command.input().orElse(""));
    try {
      if (!process.waitFor(command.limit().toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new WorldError(
            name, "'" + command + "' did not end within " + command.limit().toSeconds() + " s", "");
      }
      return new Output(name, command, process.exitValue(), out.text(), err.text());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new WorldError(name, "'" + command + "' was interrupted", "", e);
    } catch (IOException e) {
      throw new WorldError(name, "the output of '" + command + "' could not be read", "", e);
    }
  }

  /** In a thread of its own: a program that does not read its input must not outlast its limit. */
  private static void feed(Process process, String input) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            // A program that does not read its input has closed it; its exit code tells whether
            // that was well.
          }
        });
  }

  @Override
  public Optional<byte[]> read(Path file) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("could not read " + file, e);
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public List<String> list(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw failed("could not list " + folder, e);
    }
  }

  @Override
  public long freeBytes(Path path) {
    try {
      var existing = path;
      while (!Files.exists(existing)) {
        existing = Objects.requireNonNull(existing.getParent(), "the root folder exists");
      }
      return Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      throw failed("could not ask for the free space of " + path, e);
    }
  }

  @Override
  public Staged stage(Path file, byte[] content) {
    return LocalStaged.write(name, witness, user, file, content);
  }

  @Override
  public void makeFolder(Path folder) {
    if (Files.isDirectory(folder)) {
      return;
    }
    witness.effect(name, "mkdir -p -m 0700 " + folder);
    try {
      var missing = new ArrayList<Path>();
      for (var path = folder; path != null && !Files.exists(path); path = path.getParent()) {
        missing.add(path);
      }
      for (var path : missing.reversed()) {
        Files.createDirectory(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        user.own(path);
      }
    } catch (IOException e) {
      throw failed("could not make the folder " + folder, e);
    }
  }

  @Override
  public void remove(Path path) {
    if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    start(
            Command.of("rm", "-rf", "--one-file-system", path).within(Duration.ofHours(2)),
            "remove " + path)
        .orFail();
  }

  @Override
  public void move(Path from, Path to) {
    start(Command.of("mv", "-T", from, to), "rename " + from + " to " + to).orFail();
  }

  private Output start(Command command, String shown) {
    witness.effect(name, shown);
    return start(command);
  }

  @Override
  public void launch(Path folder, Command command) {
    if (state(folder) instanceof JobState.NotStarted) {
      witness.effect(name, command.toString());
      makeFolder(folder);
      jobs.launch(folder, command);
    }
  }

  @Override
  public JobState state(Path folder) {
    return jobs.state(folder);
  }

  @Override
  public void kill(Path folder, Duration limit) {
    if (state(folder) instanceof JobState.NotStarted) {
      return;
    }
    witness.effect(name, "kill what was started in " + folder);
    jobs.kill(folder, limit);
  }

  @Override
  public JobState await(Path folder, Deadline deadline) {
    return jobs.await(folder, deadline);
  }

  @Override
  public Map<String, String> children(String pid) {
    return Children.of(pid);
  }

  @Override
  public Map<String, String> someChildren(String pid) {
    return Children.some(pid);
  }

  @Override
  public boolean worksIn(String pid, Path folder) {
    return Children.worksIn(pid, folder);
  }

  @Override
  public void terminate(List<String> pids) {
    if (!pids.isEmpty()) {
      witness.effect(name, "kill -TERM " + String.join(" ", pids));
      Children.terminate(pids);
    }
  }

  @Override
  public Talk talk(Command command, String echo) {
    return new ProcessTalk(name, command, echo, witness, begin(command, true));
  }

  @Override
  public Path reach(Path socket) {
    return socket;
  }

  @Override
  public Optional<Path> reach(String address, int port) {
    return Optional.empty();
  }

  @Override
  public String ask(Path socket, String line) {
    try {
      return UnixSocket.ask(socket, line);
    } catch (IOException e) {
      throw failed("no answer from " + socket + " to '" + line + "'", e);
    }
  }

  @Override
  public String tell(Path socket, String line) {
    witness.effect(name, line + "  > " + socket);
    return ask(socket, line);
  }

  private WorldError failed(String what, IOException cause) {
    return failed(name, what, cause);
  }

  static WorldError failed(String name, String what, IOException cause) {
    return new WorldError(name, what + ": " + reason(cause), "", cause);
  }

  private static String reason(IOException cause) {
    var reason = cause instanceof FileSystemException e ? e.getReason() : cause.getMessage();
    return reason == null ? cause.getClass().getSimpleName() : reason;
  }
}
