package dev.upshift.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that we run on. */
final class Machine {
  private Machine() {}

  /** Its name, as the kernel knows it; no resolver is asked. */
  static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "this machine";
    }
  }

  /** Who works here: the operating system's user, the machine, the process. */
  static String holder() {
    return System.getProperty("user.name") + "@" + name() + " pid " + ProcessHandle.current().pid();
  }
}
