package dev.upshift.architecture;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of packages: who may know whom of ours, and who may use which library. */
class PackageTableTest {
  private static final String ROOT = "dev.upshift.";

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.upshift");

  /** Every package may know itself; time and failure, which are leaves, where they are named. */
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          entry("time", Set.of()),
          entry("failure", Set.of()),
          entry("topology", withLeaves()),
          entry("journal", withLeaves()),
          entry("host", withLeaves("topology")),
          entry("engine", withLeaves("journal")),
          entry("postgres", withLeaves("host", "topology")),
          entry("traffic", withLeaves("host", "postgres", "topology")),
          entry("fleet", withLeaves("host", "topology")),
          entry(
              "upgrade", withLeaves("engine", "postgres", "traffic", "fleet", "host", "topology")),
          entry("probe", Set.of("topology", "probe.log", "probe.ledger")),
          entry("probe.log", Set.of()),
          entry("probe.ledger", Set.of("probe.log")),
          entry("keeper", withLeaves("journal", "host", "traffic", "postgres", "topology")),
          entry("report", withLeaves("journal", "probe", "probe.log", "probe.ledger")),
          entry("watch", withLeaves("journal", "probe.log", "report")),
          entry("lab", withLeaves("topology", "host", "postgres", "lab.fleet")),
          entry("lab.fleet", Set.of()),
          entry("cli", withLeaves("run", "report", "watch", "topology")),
          entry("Main", withLeaves("cli")));

  /** What the code does beyond the table, class by class; an entry that is not needed fails. */
  private static final Set<String> EXCEPTIONS =
      Set.of(
          "cli.CheckCommand -> upgrade",
          "cli.DemoCommand -> lab",
          "cli.FleetLines -> lab",
          "cli.LabCommand -> lab",
          "cli.LabWishes -> lab",
          "cli.ProgressBar -> lab",
          "cli.RunOutcome -> engine",
          "cli.RunOutcome -> journal",
          "cli.RunOutcome -> upgrade",
          "cli.StepLines -> journal",
          "cli.Wiring -> engine");

  /** A library's packages, and who may use it. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.ofEntries(
          entry("tools.jackson.", Set.of("topology", "journal", "report", "lab")),
          entry("com.fasterxml.jackson.", Set.of("topology", "journal")),
          entry("com.networknt.", Set.of("topology")),
          entry("picocli.", Set.of("cli", "Main")),
          entry("org.jline.", Set.of("cli", "watch")),
          entry("org.HdrHistogram.", Set.of("probe", "report")),
          entry("org.postgresql.", Set.of("postgres", "probe", "lab.fleet")),
          // In upgrade and run only rows and connections of ours, never a driver.
          entry(
              "java.sql.",
              Set.of("postgres", "probe", "probe.ledger", "lab", "lab.fleet", "upgrade", "run")),
          entry("javax.sql.", Set.of()),
          entry("java.net.http.", Set.of("watch", "lab", "lab.fleet")),
          entry("com.sun.net.httpserver.", Set.of("watch", "lab.fleet")));

  private static Set<String> withLeaves(String... names) {
    return Stream.concat(Stream.of(names), Stream.of("time", "failure"))
        .collect(Collectors.toSet());
  }

  @Test
  void shouldKnowOnlyWhomTheTableNames() {
    var wrong = new TreeSet<String>();
    for (var user : CODE) {
      for (var dependency : user.getDirectDependenciesFromSelf()) {
        var used = dependency.getTargetClass().getBaseComponentType();
        if (used.getName().startsWith(ROOT) && !mayKnow(part(user), part(used))) {
          wrong.add(outermost(user) + " -> " + part(used));
        }
      }
    }
    assertThat(wrong).containsExactlyInAnyOrderElementsOf(EXCEPTIONS);
  }

  private static String outermost(JavaClass type) {
    return type.getName().substring(ROOT.length()).replaceFirst("\\$.*", "");
  }

  @Test
  void shouldUseALibraryOnlyWhereTheTableSaysSo() {
    var wrong = new TreeSet<String>();
    for (var user : CODE) {
      for (var dependency : user.getDirectDependenciesFromSelf()) {
        var used = dependency.getTargetClass().getName();
        for (var library : LIBRARIES.entrySet()) {
          if (used.startsWith(library.getKey()) && !library.getValue().contains(part(user))) {
            wrong.add(shown(dependency));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void shouldHaveARowForEveryPackage() {
    assertThat(CODE.stream().map(PackageTableTest::part).distinct())
        .allMatch(part -> part.equals("run") || MAY_KNOW.containsKey(part));
  }

  @Test
  void shouldEndTheProcessInMainsOnly() {
    assertThat(
            callers(call ->
                is(call, "java.lang.System", "exit") || is(call, "java.lang.Runtime", "halt")))
        .isSubsetOf(
            "dev.upshift.Main",
            "dev.upshift.probe.ProbeMain",
            "dev.upshift.lab.fleet.Lifecycle",
            "dev.upshift.lab.fleet.Visitors");
  }

  /** Main says what failed; the probe and the fleets are processes of their own. */
  @Test
  void shouldPrintInTheCommandLineOnly() {
    var printers =
        CODE.stream()
            .filter(type -> !part(type).equals("lab.fleet") && !part(type).equals("cli"))
            .filter(type ->
                type.getFieldAccessesFromSelf().stream()
                    .anyMatch(access ->
                        is(access, "java.lang.System", "out")
                            || is(access, "java.lang.System", "err")))
            .map(JavaClass::getName);
    assertThat(printers).isSubsetOf("dev.upshift.Main", "dev.upshift.probe.ProbeMain");
  }

  /**
   * The probe and the fleets schedule on their own, and may not use the time package; the lines of
   * a terminal tick beside the run.
   */
  @Test
  void shouldAskOnlyTheClockForTheTime() {
    var own = List.of("time", "probe", "probe.log", "probe.ledger", "lab.fleet");
    assertThat(
            callers(call ->
                is(call, "java.lang.System", "nanoTime")
                    || is(call, "java.lang.System", "currentTimeMillis")
                    || is(call, "java.lang.Thread", "sleep")
                    || is(call, "java.util.concurrent.TimeUnit", "sleep")
                    || is(call, "java.util.concurrent.locks.LockSupport", "parkNanos")
                    || (call.getTargetOwner().getPackageName().equals("java.time")
                        && call.getTarget().getName().equals("now"))))
        .allMatch(
            name -> own.contains(part(CODE.get(name))) || name.equals("dev.upshift.cli.StepLines"));
  }

  private static List<String> callers(Predicate<JavaAccess<?>> which) {
    return CODE.stream()
        .filter(type -> type.getAccessesFromSelf().stream().anyMatch(which))
        .map(JavaClass::getName)
        .toList();
  }

  private static boolean is(JavaAccess<?> access, String owner, String name) {
    return access.getTargetOwner().getName().equals(owner)
        && access.getTarget().getName().equals(name);
  }

  private static boolean mayKnow(String user, String used) {
    if (user.equals(used)) {
      return true;
    }
    return user.equals("run")
        ? !used.equals("cli") && !used.equals("Main")
        : MAY_KNOW.getOrDefault(user, Set.of()).contains(used);
  }

  /** The row of the table that a class stands in. */
  private static String part(JavaClass type) {
    var folder = type.getPackageName();
    if (folder.length() < ROOT.length()) {
      return "Main";
    }
    var within = folder.substring(ROOT.length());
    return MAY_KNOW.containsKey(within) ? within : within.split("\\.")[0];
  }

  private static String shown(Dependency dependency) {
    return dependency.getOriginClass().getName()
        + " -> "
        + dependency.getTargetClass().getName()
        + " "
        + dependency.getSourceCodeLocation();
  }
}
