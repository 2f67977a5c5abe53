package dev.upshift.lab.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * How each process of the fleet begins and ends. It writes a file with its process id when it
 * serves; on SIGTERM it ends what it is doing and exits with 0, or with 1 when it had to break off.
 */
final class Lifecycle {
  /** A program of the fleet. */
  @FunctionalInterface
  interface Program {
    /** Returns when the program serves. */
    Running start(Arguments arguments) throws IOException, SQLException;
  }

  /** A program that runs. */
  @FunctionalInterface
  interface Running {
    /** Ends the program within a few seconds; says whether everything begun was finished. */
    boolean stop();
  }

  /** What every program understands. */
  private static final Set<String> COMMON = Set.of("name", "passfile", "ready-file");

  private Lifecycle() {}

  static void run(String[] words, Set<String> known, Program program) {
    try {
      Set<String> names = new HashSet<>(COMMON);
      names.addAll(known);
      Arguments arguments = Arguments.parse(words, names);
      resolveNamesAnew();
      if (arguments.find("passfile").isPresent()) {
        System.setProperty("org.postgresql.pgpassfile", arguments.passfile("passfile").toString());
      }
      Running running = program.start(arguments);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(running, arguments), "end"));
      announce(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } catch (IOException | SQLException e) {
      System.err.println(e);
      System.exit(3);
    }
  }

  /** A JVM keeps a found name for 30 s and a missing one for 10 s, unless it is told not to. */
  static void resolveNamesAnew() {
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }

  private static void announce(Arguments arguments) throws IOException {
    Optional<String> file = arguments.find("ready-file");
    if (file.isPresent()) {
      Files.writeString(Path.of(file.get()), ProcessHandle.current().pid() + "\n");
    }
    System.out.println(arguments.orElse("name", "process") + " serves");
  }

  /** Ends the JVM here: after a SIGTERM its own exit code would be 143. */
  private static void end(Running running, Arguments arguments) {
    boolean finished = running.stop();
    try {
      Optional<String> file = arguments.find("ready-file");
      if (file.isPresent()) {
        Files.deleteIfExists(Path.of(file.get()));
      }
    } catch (IOException e) {
      System.err.println(e);
      finished = false;
    }
    Runtime.getRuntime().halt(finished ? 0 : 1);
  }
}
