package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Passfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The passwords of the lab's roles, made anew for each lab. */
record Passwords(Map<String, String> byRole) {
  private static final int RANDOM_BYTES = 18;

  /** A password for each role. */
  static Passwords make(Iterable<String> roles) {
    var random = new SecureRandom();
    var made = new LinkedHashMap<String, String>();
    for (var role : roles) {
      var bytes = new byte[RANDOM_BYTES];
      random.nextBytes(bytes);
      made.put(role, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
    return new Passwords(made);
  }

  String of(String role) {
    return Objects.requireNonNull(byRole.get(role), "a role of the lab");
  }

  /** A line of a password file, good for the lab's servers and databases. */
  String line(String role, int port) {
    return Passfile.line("*", Integer.toString(port), "*", role, of(role));
  }

  /** Writes all of them into one file that only its owner can read. */
  void write(Path file, int port) {
    var text = new StringBuilder();
    byRole.keySet().forEach(role -> text.append(line(role, port)));
    try {
      var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      Files.createFile(file, mode);
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not write " + file + ": " + e.getMessage(), "", e);
    }
  }
}
