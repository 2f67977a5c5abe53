package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The operating system's user that the servers run as: PostgreSQL refuses to run as root. */
final class OsAccount {
  private OsAccount() {}

  /** As root the user who called sudo, else postgres, else nobody; everyone else is himself. */
  static String choose() {
    return choose(System.getProperty("user.name"), System.getenv(), lines("/etc/passwd"));
  }

  static String choose(String self, Map<String, String> environment, List<String> passwd) {
    if (!self.equals("root")) {
      return self;
    }
    var uid = environment.getOrDefault("SUDO_UID", "0");
    var caller = uid.equals("0") ? Optional.<String>empty() : first(passwd, 2, uid);
    return caller
        .or(() -> first(passwd, 0, "postgres"))
        .or(() -> first(passwd, 0, "nobody"))
        .orElseThrow(() ->
            new WorldError(
                "this machine",
                "there is no user that PostgreSQL could run as: it refuses to run as root",
                "add a user 'postgres', or run upshift as an ordinary user"));
  }

  /** The name of a user's own group. */
  static String group(String user) {
    var gid =
        lines("/etc/passwd").stream()
            .map(line -> line.split(":", -1))
            .filter(fields -> fields.length > 3 && fields[0].equals(user))
            .map(fields -> fields[3])
            .findFirst()
            .orElse("");
    return first(lines("/etc/group"), 2, gid).orElse(user);
  }

  private static Optional<String> first(List<String> lines, int field, String value) {
    return lines.stream()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length > field && fields[field].equals(value))
        .map(fields -> fields[0])
        .findFirst();
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read " + file + ": " + e.getMessage(), "", e);
    }
  }
}
