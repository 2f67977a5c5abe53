package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A machine on which nothing is changed: looking goes through to the real one, effects are only
 * shown. A file that a dry run has "replaced" reads back as it would be.
 */
public final class DryHost implements Host {
  private static final int SHOWN_LINES = 60;

  /** As a connection string has it: quoted, with quotes doubled, or up to the next blank. */
  private static final Pattern PASSWORD =
      Pattern.compile("(password\\s*=\\s*)(?:'(?:[^'\n]|'')*'|\\S+)", Pattern.CASE_INSENSITIVE);

  private final Host real;
  private final Witness witness;
  private final Map<Path, byte[]> replaced;
  private final Set<Path> launched;

  /** Shows to {@code witness} what would be done to {@code real}. */
  public DryHost(Host real, Witness witness) {
    this(real, witness, new HashMap<>(), new HashSet<>());
  }

  private DryHost(Host real, Witness witness, Map<Path, byte[]> replaced, Set<Path> launched) {
    this.launched = launched;
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
    return new DryHost(real.as(user), witness, replaced, launched);
  }

  @Override
  public boolean onlyShows() {
    return true;
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
    var before = lines(read(file).orElse(new byte[0]));
    replaced.put(file, content.clone());
    var after = lines(content);
    var gone = before.stream().filter(line -> !after.contains(line)).map(line -> "\n  - " + line);
    var added = after.stream().filter(line -> !before.contains(line)).map(line -> "\n  + " + line);
    var changes = Stream.concat(gone, added).limit(SHOWN_LINES).collect(Collectors.joining());
    witness.effect(name(), "replace " + file + PASSWORD.matcher(changes).replaceAll("$1***"));
  }

  @Override
  public Staged stage(Path file, byte[] content) {
    return new Staged() {
      @Override
      public void commit() {
        replace(file, content);
      }

      @Override
      public void close() {}
    };
  }

  private static List<String> lines(byte[] content) {
    return new String(content, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  @Override
  public void replaceSecret(Path file, String text) {
    replaced.put(file, new byte[0]);
    witness.effect(name(), "replace " + file + " (mode 0600; its content is not shown)");
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
    launched.add(folder);
    witness.effect(name(), command.toString());
  }

  @Override
  public JobState state(Path folder) {
    return launched.contains(folder) ? new JobState.Ended(0) : new JobState.NotStarted();
  }

  @Override
  public void kill(Path folder, Duration limit) {}

  @Override
  public JobState await(Path folder, Deadline deadline) {
    return new JobState.Ended(0);
  }

  @Override
  public Map<String, String> children(String pid) {
    return real.children(pid);
  }

  @Override
  public boolean worksIn(String pid, Path folder) {
    return real.worksIn(pid, folder);
  }

  @Override
  public void terminate(List<String> pids) {
    if (!pids.isEmpty()) {
      witness.effect(
          name(), "kill -TERM each process of a client (at present " + pids.size() + ")");
    }
  }

  @Override
  public Talk talk(Command command, String echo) {
    return new DryTalk(name(), command, witness, () -> real.talk(command, echo));
  }

  @Override
  public Path reach(Path socket) {
    return real.reach(socket);
  }

  @Override
  public Optional<Path> reach(String address, int port) {
    return real.reach(address, port);
  }

  @Override
  public String ask(Path socket, String line) {
    return real.ask(socket, line);
  }

  @Override
  public String tell(Path socket, String line) {
    witness.effect(name(), line + "  > " + socket);
    return "\n"; // an answer, as from somebody who has done it
  }
}
