package dev.upshift.postgres;

import dev.upshift.host.Host;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What ALTER SYSTEM writes, postgresql.auto.conf, edited while its server is down. The last line of
 * a name counts.
 */
record AutoConf(Host host, Path file) {
  /** Above what makes a standby one of ours. */
  private static final String MARK = "# set by upshift\n";

  /** Where a restore was told to end; a standby goes on, and two such settings are an error. */
  private static final String TARGET = "recovery_target";

  static AutoConf of(PgServer server) {
    return new AutoConf(server.host(), server.data().resolve("postgresql.auto.conf"));
  }

  private String text() {
    return host.readText(file).orElse("");
  }

  /** Sets a parameter, as ALTER SYSTEM would; ALTER SYSTEM RESET takes it out again. */
  void set(String name, String value) {
    var text = text();
    var line = Settings.line(name, value);
    if (!lastLine(text, name).equals(Optional.of(line.strip()))) {
      host.replaceText(file, text + line);
    }
  }

  /** What it says of a setting whose values are words, if anything. */
  Optional<String> word(String name) {
    return lastLine(text(), name)
        .map(line -> line.substring(line.indexOf('=') + 1).strip().replace("'", ""));
  }

  private static Optional<String> lastLine(String text, String name) {
    return text.lines().filter(other -> other.startsWith(name + " ")).reduce((a, b) -> b);
  }

  /** Puts settings behind whatever else stands there, in place of those of the last call. */
  void append(Map<String, String> settings) {
    var text = text();
    var before = text.contains(MARK) ? text.substring(0, text.indexOf(MARK)) : text;
    var theirs =
        before
            .lines()
            .filter(line -> !line.startsWith(TARGET))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    host.replaceText(file, theirs + MARK + lines(settings));
  }

  /** What stands there is somebody else's, also where it has our mark: a backup brought it. */
  void disown() {
    var text = text();
    if (text.contains(MARK)) {
      host.replaceText(file, text.replace(MARK, ""));
    }
  }

  /** As a configuration has them. */
  static String lines(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> Settings.line(setting.getKey(), setting.getValue()))
        .collect(Collectors.joining());
  }
}
