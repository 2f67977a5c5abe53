package dev.upshift;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.LambdaMetafactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * What the build runs before it makes the archive of classes: lists every class of ours, every
 * lambda in it, and what else works in a switch, for {@code java -Xshare:dump}. A class that is
 * loaded for the first time while clients wait costs them time, and so does a lambda, of which a
 * class is made where it is met first: 119 in one switch. Out of the archive both cost next to
 * nothing.
 *
 * <p>The lines for lambdas are those that {@code -XX:DumpLoadedClassList} writes for the ones that
 * were met; here all are written, met or not (src/hotspot/share/cds/classListParser.cpp).
 */
public final class ArchivedClasses {
  private static final String SUFFIX = ".class";
  private static final ClassDesc LAMBDAS =
      LambdaMetafactory.class.describeConstable().orElseThrow();

  /** Of the libraries, those that work while clients wait. */
  private static final List<String> LIBRARIES = List.of("postgresql-", "jackson-");

  /** The JDK's own list leaves out most of them. */
  private static final List<String> PACKAGES =
      List.of("java/util/stream", "java/util/function", "java/util/concurrent", "sun/nio/fs");

  private final Set<String> lines = new LinkedHashSet<>();

  private ArchivedClasses() {}

  /** Writes the list to a file. */
  public static void main(String[] arguments) throws IOException, URISyntaxException {
    var list = new ArchivedClasses();
    list.addJdk();
    var source = ArchivedClasses.class.getProtectionDomain().getCodeSource().getLocation();
    var ours = Path.of(source.toURI());
    try (var beside = Files.list(ours.resolveSibling("."))) {
      for (var jar : beside.filter(ArchivedClasses::isLibrary).sorted().toList()) {
        list.addJar(jar, false);
      }
    }
    list.addJar(ours, true);
    Files.write(Path.of(arguments[0]), list.lines);
  }

  private static boolean isLibrary(Path jar) {
    return LIBRARIES.stream().anyMatch(jar.getFileName().toString()::startsWith);
  }

  private void addJdk() throws IOException {
    var usual = Path.of(System.getProperty("java.home"), "lib", "classlist");
    Files.readAllLines(usual).stream().filter(line -> !line.startsWith("#")).forEach(lines::add);
    var base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
    for (var name : PACKAGES) {
      try (var classes = Files.walk(base.resolve(name))) {
        classes.map(file -> base.relativize(file).toString()).forEach(this::add);
      }
    }
  }

  private void add(String file) {
    if (file.endsWith(SUFFIX) && !file.contains("-info") && !file.startsWith("META-INF")) {
      lines.add(file.substring(0, file.length() - SUFFIX.length()));
    }
  }

  private void addJar(Path file, boolean lambdas) throws IOException {
    try (var jar = new JarFile(file.toFile())) {
      var names = jar.stream().map(entry -> entry.getName()).sorted().toList();
      names.forEach(this::add);
      for (var name : lambdas ? names : List.<String>of()) {
        if (name.endsWith(SUFFIX) && !name.contains("-info")) {
          var bytes = jar.getInputStream(jar.getJarEntry(name)).readAllBytes();
          lambdasOf(ClassFile.of().parse(bytes)).forEach(lines::add);
        }
      }
    }
  }

  private static Stream<String> lambdasOf(ClassModel type) {
    return type.methods().stream()
        .flatMap(ArchivedClasses::calls)
        .filter(call -> call.bootstrapMethod().owner().equals(LAMBDAS))
        .filter(call -> call.bootstrapMethod().methodName().equals("metafactory"))
        .map(call -> line(type.thisClass().asInternalName(), call));
  }

  private static Stream<InvokeDynamicInstruction> calls(MethodModel method) {
    return method.code().stream()
        .flatMap(code -> code.elementStream())
        .filter(InvokeDynamicInstruction.class::isInstance)
        .map(InvokeDynamicInstruction.class::cast);
  }

  private static String line(String caller, InvokeDynamicInstruction call) {
    var given = call.bootstrapArgs();
    var method = (MethodTypeDesc) given.get(0);
    var target = (DirectMethodHandleDesc) given.get(1);
    var actual = (MethodTypeDesc) given.get(2);
    return String.join(
        " ",
        "@lambda-proxy",
        caller,
        call.name().stringValue(),
        call.type().stringValue(),
        method.descriptorString(),
        kind(target.kind()),
        internal(target.owner()),
        target.methodName(),
        target.lookupDescriptor(),
        actual.descriptorString());
  }

  private static String internal(ClassDesc type) {
    var text = type.descriptorString();
    return type.isClassOrInterface() ? text.substring(1, text.length() - 1) : text;
  }

  private static String kind(DirectMethodHandleDesc.Kind kind) {
    return switch (kind) {
      case STATIC, INTERFACE_STATIC -> "REF_invokeStatic";
      case VIRTUAL -> "REF_invokeVirtual";
      case INTERFACE_VIRTUAL -> "REF_invokeInterface";
      case SPECIAL, INTERFACE_SPECIAL -> "REF_invokeSpecial";
      case CONSTRUCTOR -> "REF_newInvokeSpecial";
      default -> throw new IllegalArgumentException("no lambda is made of a " + kind);
    };
  }
}
