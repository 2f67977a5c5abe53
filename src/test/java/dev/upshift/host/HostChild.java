package dev.upshift.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What a process of its own does for these tests. */
final class HostChild {
  private HostChild() {}

  /** The command of a child that does {@code arguments}. */
  static List<String> command(String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), HostChild.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  public static void main(String[] args) throws InterruptedException {
    var host = new LocalHost("child", Witness.NONE);
    var path = Path.of(args[1]);
    switch (args[0]) {
      case "replace" -> {
        host.replaceText(path, args[2]);
        System.out.println("reads back: " + host.readText(path).orElse("nothing"));
      }
      case "launch" -> {
        host.launch(path, Command.of("sh", "-c", args[2]));
        System.out.println("launched");
        Thread.currentThread().join();
      }
      case "connect" -> {
        var connections = new SshConnections();
        var far =
            connections.host("db1", SshReach.of("machine").withConfiguration(path), Witness.NONE);
        var beside = Objects.requireNonNull(far.reach(Path.of("/nowhere")).getParent());
        System.out.println(beside.getParent());
        far.ask(Command.of("sleep", args[2]));
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
