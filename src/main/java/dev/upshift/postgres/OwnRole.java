package dev.upshift.postgres;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;

/**
 * The role that our standbys replicate as: LOGIN REPLICATION and nothing else. Its password is made
 * by us, lies in a 0600 file of the run, and reaches a database host only as a 0600 password file.
 *
 * @param name the role
 * @param secret the file in which the run keeps its password
 */
public record OwnRole(String name, Path secret) {

  /** Our role, under its usual name. */
  public OwnRole(Path secret) {
    this("upshift", secret);
  }

  /** Its password; made at the first call. */
  public String password() {
    try {
      if (!Files.exists(secret)) {
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        var mode =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
            Files.newByteChannel(
                secret,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                mode)) {
          channel.write(
              StandardCharsets.US_ASCII.encode(
                  Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
        }
      }
      return Files.readString(secret);
    } catch (java.io.IOException e) {
      throw new dev.upshift.failure.WorldError(
          "this machine", "could not keep a password in " + secret + ": " + e.getMessage(), "", e);
    }
  }

  /** Where its password lies on a database host, for libpq there. */
  public Path passfileOn(PgServer server) {
    return server.workFolder().resolve("passfile");
  }

  /**
   * Writes the password file on a database host, with the administrator's line too where pg_upgrade
   * will need it.
   */
  public void writePassfile(PgServer server, Optional<String> adminPassword) {
    server.host().makeFolder(server.workFolder());
    var text = new StringBuilder(Passfile.line("*", "*", "*", name, password()));
    adminPassword.ifPresent(
        password -> text.append(Passfile.line("*", "*", "*", server.admin().user(), password)));
    server.host().replaceSecret(passfileOn(server), text.toString());
  }

  /** Writes the password file on a database host. */
  public void writePassfile(PgServer server) {
    writePassfile(server, Optional.empty());
  }
}
