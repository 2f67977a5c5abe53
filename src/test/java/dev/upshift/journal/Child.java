package dev.upshift.journal;

import dev.upshift.failure.WorldError;
import java.nio.file.Path;
import java.time.Instant;

/** What a process of its own does for these tests. */
final class Child {
  private Child() {}

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A child that does {@code what} with a file; its output can be read. */
  static Process start(String what, Path file) throws java.io.IOException {
    return new ProcessBuilder(
            java(),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            what,
            file.toString())
        .redirectErrorStream(true)
        .start();
  }

  public static void main(String[] args) throws Exception {
    var file = Path.of(args[1]);
    switch (args[0]) {
      case "hold" -> hold(file);
      case "try" -> System.out.println(RunLock.isHeld(file) ? "held" : "free");
      case "fill" -> fill(file);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void hold(Path file) throws Exception {
    var lock = RunLock.take(file, "the child");
    System.out.println("taken");
    Thread.currentThread().join();
    lock.close();
  }

  private static void fill(Path file) {
    try (var journal = FileJournal.open(file)) {
      try {
        while (true) {
          journal.append(new Entry.Waiting(Instant.EPOCH, "fill", "x".repeat(700)));
        }
      } catch (WorldError e) {
        System.out.println(e.getMessage() + " HINT: " + e.hint());
      }
      journal.append(new Entry.Undone(Instant.EPOCH, "s"));
      System.out.println("entries after: " + FileJournal.read(file).size());
    }
  }
}
