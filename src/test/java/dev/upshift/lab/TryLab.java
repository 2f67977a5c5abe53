package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.nio.file.Path;
import java.time.Duration;

/** A lab by hand, before there are commands: up, status or down, then the folder. */
final class TryLab {
  private TryLab() {}

  public static void main(String[] words) {
    var dir = Path.of(words[1]);
    long begun = System.nanoTime();
    try {
      switch (words[0]) {
        case "up" -> {
          var lab =
              Lab.up(
                  LabOptions.usual().withDir(dir),
                  (what, done, total) -> say(begun, what + " " + done + "/" + total));
          System.out.println(lab.topologyFile() + "\n" + lab.site());
        }
        case "status" -> {
          var status = Lab.at(dir).status();
          status.servers().forEach(System.out::println);
          status.processes().forEach(System.out::println);
          System.out.println(Lab.at(dir).fleetTotals());
        }
        case "down" -> Lab.at(dir).down();
        default -> throw new InputError("what is " + words[0], "up, status or down");
      }
      say(begun, "done");
    } catch (InputError e) {
      System.err.println(e.getMessage() + "\nHINT: " + e.hint());
    } catch (WorldError e) {
      System.err.println(e.getMessage() + "\nHINT: " + e.hint());
    }
  }

  private static void say(long begun, String what) {
    var since = Duration.ofNanos(System.nanoTime() - begun);
    System.out.printf("%6d ms  %s%n", since.toMillis(), what);
  }
}
