package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;

/** A user of this machine: how to become him, and how to give him files. */
record OsUser(String name, String uid, String gid, String home, boolean self) {

  static OsUser current() {
    return new OsUser(
        System.getProperty("user.name"), "", "", System.getProperty("user.home"), true);
  }

  /**
   * Another user.
   *
   * @throws WorldError when there is no such user, or we are not root and so cannot become him
   */
  static OsUser named(String host, String name) {
    var entry = passwd().filter(line -> line.startsWith(name + ":")).findFirst();
    if (entry.isEmpty()) {
      throw new WorldError(
          host, "there is no operating system user '" + name + "'", "correct admin.os-user");
    }
    if (!current().name().equals("root")) {
      throw new WorldError(
          host,
          "cannot work as '" + name + "' from the account '" + current().name() + "'",
          "run as " + name + " or as root");
    }
    var fields = entry.get().split(":", -1);
    return new OsUser(name, fields[2], fields[3], fields[5], false);
  }

  private static java.util.stream.Stream<String> passwd() {
    try {
      return Files.readAllLines(Path.of("/etc/passwd")).stream();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read /etc/passwd", "", e);
    }
  }

  /**
   * What stands before a command to run it as this user. setpriv execs, so no process stands
   * between us and the program.
   */
  List<String> prefix() {
    return self
        ? List.of()
        : List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--init-groups", "--");
  }

  /** Gives a new file to this user. */
  void own(Path path) throws IOException {
    if (!self) {
      Files.setAttribute(path, "unix:uid", Integer.parseInt(uid));
      Files.setAttribute(path, "unix:gid", Integer.parseInt(gid));
    }
  }

  /**
   * Gives a temporary file the owner and mode of the file that it will replace, or makes it this
   * user's if that is new.
   */
  void likeOrOwn(Path temporary, Path target) throws IOException {
    if (!Files.exists(target)) {
      own(temporary);
      return;
    }
    var attributes =
        Files.getFileAttributeView(target, PosixFileAttributeView.class).readAttributes();
    if (current().name().equals("root")) {
      Files.setAttribute(temporary, "unix:uid", Files.getAttribute(target, "unix:uid"));
      Files.setAttribute(temporary, "unix:gid", Files.getAttribute(target, "unix:gid"));
    }
    Files.setPosixFilePermissions(temporary, attributes.permissions());
  }
}
