package dev.upshift.probe;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a probe is started.
 *
 * @param log its log; goes on with one that is there
 * @param stop the probe ends when this file appears; remove it before the start
 * @param readDatabase the database it asks for in order to read
 * @param writeDatabase the same in order to write
 * @param user the role it works as
 * @param passfile the passwords, in libpq's form, mode 0600
 * @param port the port of both names
 * @param readName the name it reads from
 * @param writeName the name it writes to
 * @param rate attempts a second in each lane
 * @param writes whether it writes too
 * @param urlParameters further connection parameters of pgjdbc, e.g. sslmode
 * @param hosts the hosts file that names are looked up in, where it is another machine's
 */
public record ProbeOptions(
    Path log,
    Path stop,
    String readDatabase,
    String writeDatabase,
    String user,
    Path passfile,
    int port,
    String readName,
    String writeName,
    int rate,
    boolean writes,
    Map<String, String> urlParameters,
    Optional<HostsCopy> hosts) {

  private static final int MAX_RATE = 1000;
  private static final String HINT =
      "--log FILE --stop FILE --read-database D --write-database D --user U --passfile P --port N --read-name HOST"
          + " --write-name HOST --rate N --writes true|false [--url-parameter NAME=VALUE]..."
          + " [--hosts-copy FILE --hosts-by WORD...]";

  /** Options for one database, without further connection parameters. */
  public ProbeOptions(
      Path log,
      Path stop,
      String database,
      String user,
      Path passfile,
      int port,
      String readName,
      String writeName,
      int rate,
      boolean writes) {
    this(
        log,
        stop,
        database,
        database,
        user,
        passfile,
        port,
        readName,
        writeName,
        rate,
        writes,
        Map.of(),
        Optional.empty());
  }

  /**
   * The whole command line that starts a probe. To outlive the tool it needs a session of its own
   * (setsid), or Ctrl-C at the tool's terminal ends it too, and files for its output, not pipes.
   *
   * @param java the java program
   * @param classPath with this class and pgjdbc on it
   * @param hostsFile where names are looked up, instead of the operating system's resolver; a copy
   *     of another machine's wins
   */
  public List<String> command(Path java, String classPath, Optional<Path> hostsFile) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    // A small heap and a simple collector: the probe's own pauses must not look like the server's.
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx128m", "-Xss512k", "-Dsun.net.inetaddr.ttl=0"));
    // It starts right before a switch: the second compiler and classes read from a jar would take
    // the
    // processor from whom it measures.
    command.add("-XX:TieredStopAtLevel=1");
    sharedArchive().ifPresent(command::add);
    hosts
        .map(HostsCopy::file)
        .or(() -> hostsFile)
        .ifPresent(file -> command.add("-Djdk.net.hosts.file=" + file));
    command.addAll(List.of("-cp", classPath, ProbeMain.class.getName()));
    command.addAll(arguments());
    return List.copyOf(command);
  }

  /** The archive of classes that this process itself runs with. */
  private static Optional<String> sharedArchive() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-XX:SharedArchiveFile="))
        .findFirst();
  }

  /** The arguments that {@link ProbeMain} reads these options from. */
  public List<String> arguments() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--log", log.toString(),
                "--stop", stop.toString(),
                "--read-database", readDatabase,
                "--write-database", writeDatabase,
                "--user", user,
                "--passfile", passfile.toString(),
                "--port", Integer.toString(port),
                "--read-name", readName,
                "--write-name", writeName,
                "--rate", Integer.toString(rate),
                "--writes", Boolean.toString(writes)));
    urlParameters.forEach(
        (name, value) -> arguments.addAll(List.of("--url-parameter", name + "=" + value)));
    hosts.ifPresent(copy -> {
      arguments.addAll(List.of("--hosts-copy", copy.file().toString()));
      copy.program().forEach(word -> arguments.addAll(List.of("--hosts-by", word)));
    });
    return List.copyOf(arguments);
  }

  /**
   * Reads arguments.
   *
   * @throws UsageError when one is missing, unknown or wrong
   */
  static ProbeOptions parse(List<String> arguments) {
    Map<String, String> given = new LinkedHashMap<>();
    Map<String, String> parameters = new LinkedHashMap<>();
    List<String> program = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (i + 1 == arguments.size()) {
        throw new UsageError(name + " has no value", HINT);
      }
      String value = arguments.get(i + 1);
      if (name.equals("--url-parameter")) {
        int equals = value.indexOf('=');
        if (equals < 1) {
          throw new UsageError("--url-parameter '" + value + "' is not NAME=VALUE", HINT);
        }
        parameters.put(value.substring(0, equals), value.substring(equals + 1));
      } else if (name.equals("--hosts-by")) {
        program.add(value);
      } else if (given.put(name, value) != null) {
        throw new UsageError(name + " is given twice", HINT);
      }
    }
    var options = take(given, parameters, program);
    if (!given.isEmpty()) {
      throw new UsageError("unknown: " + String.join(" ", given.keySet()), HINT);
    }
    return options;
  }

  private static ProbeOptions take(
      Map<String, String> given, Map<String, String> parameters, List<String> program) {
    return new ProbeOptions(
        Path.of(take(given, "--log")),
        Path.of(take(given, "--stop")),
        take(given, "--read-database"),
        take(given, "--write-database"),
        take(given, "--user"),
        Path.of(take(given, "--passfile")),
        number(given, "--port", 65535),
        take(given, "--read-name"),
        take(given, "--write-name"),
        number(given, "--rate", MAX_RATE),
        truth(given, "--writes"),
        Map.copyOf(parameters),
        program.isEmpty()
            ? Optional.empty()
            : Optional.of(new HostsCopy(Path.of(take(given, "--hosts-copy")), program)));
  }

  private static String take(Map<String, String> given, String name) {
    String value = given.remove(name);
    if (value == null || value.isEmpty()) {
      throw new UsageError(name + " is missing", HINT);
    }
    return value;
  }

  private static int number(Map<String, String> given, String name, int max) {
    String value = take(given, name);
    try {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // falls through to the complaint
    }
    throw new UsageError(name + " '" + value + "' is not a number from 1 to " + max, HINT);
  }

  private static boolean truth(Map<String, String> given, String name) {
    return switch (take(given, name)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new UsageError(name + " is neither true nor false", HINT);
    };
  }
}
