package dev.upshift.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Files and methods stay of a size that can be read; the larger ones are listed. */
class SizesTest {
  private static final int LARGE_FILE = 300;
  private static final int LARGEST_FILE = 450;
  private static final int LARGE_METHOD = 40;
  private static final int LARGEST_METHOD = 70;

  /** A plan tells its story in one piece, without a branch: it is as long as the story. */
  private static final Set<String> PLANS =
      Set.of("UpgradePlan.java physical", "UpgradePlan.java logical", "QuietSwitch.java lines");

  private record Sized(String name, long lines) {}

  @Test
  void shouldHaveNoFileThatIsTooLong() throws IOException {
    var files = new ArrayList<Sized>();
    for (var file : Sources.main()) {
      files.add(new Sized(file.toString(), Files.readAllLines(file).size()));
    }
    report("files", files, LARGE_FILE);
    assertThat(files).noneMatch(file -> file.lines() > LARGEST_FILE);
  }

  @Test
  void shouldHaveNoMethodThatIsTooLong() throws IOException {
    var methods = methods(Sources.main());
    report("methods", methods, LARGE_METHOD);
    assertThat(methods).hasSizeGreaterThan(500);
    assertThat(methods)
        .noneMatch(method ->
            method.lines() > LARGEST_METHOD && PLANS.stream().noneMatch(method.name()::endsWith));
  }

  private static void report(String what, List<Sized> all, int limit) {
    var large = all.stream().filter(sized -> sized.lines() > limit).toList();
    System.out.println(
        what + ": " + all.size() + ", longer than " + limit + " lines: " + large.size());
    large.forEach(sized -> System.out.println("  " + sized.lines() + " " + sized.name()));
  }

  private static List<Sized> methods(List<Path> sources) throws IOException {
    var found = new ArrayList<Sized>();
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      var positions = Trees.instance(task).getSourcePositions();
      for (var unit : task.parse()) {
        LineMap lines = unit.getLineMap();
        new TreeScanner<Void, CompilationUnitTree>() {
          @Override
          public Void visitMethod(MethodTree method, CompilationUnitTree of) {
            long first = lines.getLineNumber(positions.getStartPosition(of, method));
            long last = lines.getLineNumber(positions.getEndPosition(of, method));
            found.add(
                new Sized(of.getSourceFile().getName() + " " + method.getName(), last - first + 1));
            return super.visitMethod(method, of);
          }
        }.scan(unit, unit);
      }
    }
    return found;
  }
}
