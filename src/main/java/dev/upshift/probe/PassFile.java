package dev.upshift.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A password file in libpq's form: {@code host:port:database:user:password} a line, the first that
 * fits counts, {@code *} fits all, {@code \:} and {@code \\} stand for the characters themselves
 * (PostgreSQL's manual, "The Password File").
 */
final class PassFile {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private final List<List<String>> entries;

  private PassFile(List<List<String>> entries) {
    this.entries = entries;
  }

  /**
   * Reads the file.
   *
   * @throws UsageError when it cannot be read, or others than its owner may
   */
  static PassFile read(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        throw new UsageError(
            "passfile " + file + ": others than its owner have access", "chmod 0600 " + file);
      }
      return parse(Files.readAllLines(file));
    } catch (IOException e) {
      throw new UsageError("passfile " + file + ": cannot be read", "create it with mode 0600");
    }
  }

  static PassFile parse(List<String> lines) {
    return new PassFile(
        lines.stream()
            .filter(line -> !line.startsWith("#"))
            .map(PassFile::split)
            .filter(fields -> fields.size() == 5)
            .toList());
  }

  Optional<String> password(String host, int port, String database, String user) {
    return entries.stream()
        .filter(entry ->
            fits(entry.get(0), host)
                && fits(entry.get(1), Integer.toString(port))
                && fits(entry.get(2), database)
                && fits(entry.get(3), user))
        .map(entry -> unescape(entry.get(4)))
        .findFirst();
  }

  /** An escaped star is no wildcard, so fields are compared before they are unescaped. */
  private static boolean fits(String field, String value) {
    return field.equals("*") || unescape(field).equals(value);
  }

  /** Cuts at each colon that is not escaped; escapes stay in. */
  private static List<String> split(String line) {
    List<String> fields = new ArrayList<>();
    var field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        field.append(c).append(line.charAt(++i));
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

  private static String unescape(String field) {
    var plain = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      boolean escape = field.charAt(i) == '\\' && i + 1 < field.length();
      plain.append(field.charAt(escape ? ++i : i));
    }
    return plain.toString();
  }
}
