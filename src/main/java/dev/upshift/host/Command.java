package dev.upshift.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A program to run and its arguments, never a shell's line. Nothing secret may stand in any of it:
 * arguments and environments can be read by others on the machine.
 *
 * @param argv the program and its arguments
 * @param environment variables added to the small, fixed environment that every command gets
 * @param input what it reads on standard input
 * @param limit how long it may run before it is killed
 */
public record Command(
    List<String> argv, Map<String, String> environment, Optional<String> input, Duration limit) {

  /** Long enough for anything that is not known to take long. */
  public static final Duration USUAL_LIMIT = Duration.ofSeconds(60);

  public Command {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
  }

  /** A command with the usual limit. */
  public static Command of(Path program, Object... arguments) {
    return of(program.toString(), arguments);
  }

  /** A command with the usual limit, its program looked for on the PATH. */
  public static Command of(String program, Object... arguments) {
    var argv = new ArrayList<String>();
    argv.add(program);
    Arrays.stream(arguments).map(Object::toString).forEach(argv::add);
    return of(argv);
  }

  /** A command from a whole argument list, with the usual limit. */
  public static Command of(List<String> argv) {
    return new Command(argv, Map.of(), Optional.empty(), USUAL_LIMIT);
  }

  /** The same with more arguments. */
  public Command with(Object... arguments) {
    var longer = new ArrayList<>(argv);
    Arrays.stream(arguments).map(Object::toString).forEach(longer::add);
    return new Command(longer, environment, input, limit);
  }

  /** The same with a variable in its environment. */
  public Command set(String variable, Object value) {
    var more = new TreeMap<>(environment);
    more.put(variable, value.toString());
    return new Command(argv, more, input, limit);
  }

  /** The same with something on standard input. */
  public Command reading(String text) {
    return new Command(argv, environment, Optional.of(text), limit);
  }

  /** The same with another limit. */
  public Command within(Duration other) {
    return new Command(argv, environment, input, other);
  }

  /** As an operator would type it. */
  @Override
  public String toString() {
    var variables =
        new TreeMap<>(environment)
            .entrySet().stream().map(e -> e.getKey() + "=" + quoted(e.getValue()) + " ");
    var words = argv.stream().map(Command::quoted).collect(Collectors.joining(" "));
    return variables.collect(Collectors.joining()) + words;
  }

  /** A word as a POSIX shell reads it back; the only place that quotes. */
  static String quoted(String word) {
    return !word.isEmpty() && word.matches("[A-Za-z0-9_@%+=:,./-]*")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
