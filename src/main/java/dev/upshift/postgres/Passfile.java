package dev.upshift.postgres;

import dev.upshift.failure.InputError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A password file in libpq's form ({@code host:port:database:user:password}, {@code *} for any,
 * {@code \:} and {@code \\} inside a field; manual, "The Password File").
 */
public final class Passfile {
  private final Path file;
  private final List<List<String>> lines;

  private Passfile(Path file, List<List<String>> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Reads it.
   *
   * @throws InputError when it is not there, cannot be read, or others than its owner may read it
   *     (libpq would ignore it then)
   */
  public static Passfile read(Path file) {
    try {
      var open = Files.getPosixFilePermissions(file).stream().filter(Passfile::isOthers).toList();
      if (!open.isEmpty()) {
        throw new InputError(
            "the password file " + file + " can be read by others", "chmod 0600 " + file);
      }
      var lines = new ArrayList<List<String>>();
      for (var line : Files.readAllLines(file)) {
        var fields = fields(line);
        if (!line.startsWith("#") && fields.size() == 5) {
          lines.add(fields);
        }
      }
      return new Passfile(file, lines);
    } catch (IOException e) {
      throw new InputError(
          "the password file " + file + " cannot be read: " + e.getMessage(),
          "give its path as admin.passfile");
    }
  }

  private static boolean isOthers(PosixFilePermission permission) {
    return !permission.name().startsWith("OWNER");
  }

  /** The password for this login, if a line matches. */
  public Optional<String> password(String host, int port, String database, String user) {
    return password(List.of(host), port, database, user);
  }

  /** The first line counts that matches one of the names of a host. */
  private Optional<String> password(List<String> hosts, int port, String database, String user) {
    return lines.stream()
        .filter(line -> hosts.stream().anyMatch(host -> matches(line.get(0), host)))
        .filter(line -> matches(line.get(1), Integer.toString(port)))
        .filter(line -> matches(line.get(2), database) && matches(line.get(3), user))
        .map(line -> line.get(4))
        .findFirst();
  }

  /**
   * The administrator's password for a database of a server. A line names the server by its
   * address, by which the topology knows it, or by the folder of its socket, as libpq has it.
   */
  public Optional<String> ofAdmin(PgServer server, String database) {
    return password(
        List.of(server.address(), server.sockets().toString()),
        server.port(),
        database,
        server.admin().user());
  }

  /** Where it was read from. */
  public Path file() {
    return file;
  }

  private static boolean matches(String pattern, String value) {
    return pattern.equals("*") || pattern.equals(value);
  }

  private static List<String> fields(String line) {
    var fields = new ArrayList<String>();
    var field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        field.append(line.charAt(++i));
      } else if (c == ':' && fields.size() < 4) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }

  /** One line of such a file. */
  public static String line(
      String host, String port, String database, String user, String password) {
    return String.join(
            ":", escaped(host), escaped(port), escaped(database), escaped(user), escaped(password))
        + "\n";
  }

  private static String escaped(String field) {
    return field.replace("\\", "\\\\").replace(":", "\\:");
  }
}
