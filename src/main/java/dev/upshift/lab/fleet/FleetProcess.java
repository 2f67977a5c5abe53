package dev.upshift.lab.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One process as {@code workers.sh} runs it. The script, and a file {@code NAME.conf} with {@link
 * #conf()}, lie in one folder; pid file, log and lock appear beside them. The name of the process
 * is the name of that file, and is given to it as {@code --name}.
 *
 * @param java the java program
 * @param hosts the file it reads names from, where that is not how the machine finds them
 * @param sharedArchive a class archive that shortens its start
 * @param main a main class of this package
 * @param arguments its arguments, without {@code --name} and {@code --ready-file}
 */
public record FleetProcess(
    Path java,
    String classPath,
    Optional<Path> hosts,
    Optional<Path> sharedArchive,
    Class<?> main,
    List<String> arguments) {

  /**
   * The content of the file {@code NAME.conf}.
   *
   * @throws IllegalArgumentException when a value holds a line break
   */
  public String conf() {
    List<String> lines = new ArrayList<>();
    lines.add("java=" + java);
    lines.add("classpath=" + classPath);
    hosts.ifPresent(file -> lines.add("hosts=" + file));
    lines.add("main=" + main.getName());
    sharedArchive.ifPresent(archive -> lines.add("share=" + archive));
    arguments.forEach(argument -> lines.add("arg=" + argument));
    for (String line : lines) {
      if (line.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("a line break within " + line);
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** The content of {@code workers.sh}, a POSIX shell script for Linux. */
  public static String script() {
    try (InputStream in = FleetProcess.class.getResourceAsStream("workers.sh")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
