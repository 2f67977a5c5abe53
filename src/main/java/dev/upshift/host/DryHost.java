package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine on which nothing is changed: looking goes through to the real one, effects are only
 * shown. A file that a dry run has "replaced" reads back as it would be.
 */
public final class DryHost implements Host {
  private final Host real;
  private final Witness witness;
  private final Map<Path, byte[]> replaced;

  /** Shows to {@code witness} what would be done to {@code real}. */
  public DryHost(Host real, Witness witness) {
    this(real, witness, new HashMap<>());
  }

  private DryHost(Host real, Witness witness, Map<Path, byte[]> replaced) {
    this.real = real;
    this.witness = witness;
    this.replaced = replaced;
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public Host as(String user) {
    return new DryHost(real.as(user), witness, replaced);
  }

  @Override
  public Output ask(Command command) {
    return real.ask(command);
  }

  @Override
  public Output attempt(Command command) {
    witness.effect(name(), command.toString());
    return new Output(name(), command, 0, "", "");
  }

  @Override
  public Optional<byte[]> read(Path file) {
    var written = replaced.get(file);
    return written != null ? Optional.of(written) : real.read(file);
  }

  @Override
  public boolean exists(Path path) {
    return replaced.containsKey(path) || real.exists(path);
  }

  @Override
  public List<String> list(Path folder) {
    return real.list(folder);
  }

  @Override
  public long freeBytes(Path path) {
    return real.freeBytes(path);
  }

  @Override
  public void replace(Path file, byte[] content) {
    replaced.put(file, content.clone());
    witness.effect(name(), "replace " + file + " (" + content.length + " bytes)");
  }

  @Override
  public void makeFolder(Path folder) {
    if (!real.exists(folder)) {
      witness.effect(name(), "mkdir -p -m 0700 " + folder);
    }
  }

  @Override
  public void remove(Path path) {
    if (exists(path)) {
      replaced.remove(path);
      witness.effect(name(), "remove " + path);
    }
  }

  @Override
  public void move(Path from, Path to) {
    witness.effect(name(), "rename " + from + " to " + to);
  }

  @Override
  public void launch(Path folder, Command command) {
    witness.effect(name(), command.toString());
  }

  @Override
  public JobState state(Path folder) {
    return new JobState.Ended(0);
  }

  @Override
  public void kill(Path folder, Duration limit) {}

  @Override
  public JobState await(Path folder, Deadline deadline) {
    return new JobState.Ended(0);
  }

  @Override
  public String ask(Path socket, String line) {
    return real.ask(socket, line);
  }

  @Override
  public String tell(Path socket, String line) {
    witness.effect(name(), line + "  > " + socket);
    return "";
  }
}
