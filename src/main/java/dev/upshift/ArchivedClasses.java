package dev.upshift;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.jar.JarFile;

/**
 * What the build runs to make the archive of classes: loads every class of ours, then does what
 * {@link Main} does. A class that is loaded for the first time while clients wait costs them
 * milliseconds; out of the archive it costs next to nothing.
 */
public final class ArchivedClasses {
  private static final String OURS = "dev/upshift/";
  private static final String SUFFIX = ".class";

  private ArchivedClasses() {}

  public static void main(String[] arguments)
      throws IOException, URISyntaxException, ClassNotFoundException {
    var loader = ArchivedClasses.class.getClassLoader();
    var source = ArchivedClasses.class.getProtectionDomain().getCodeSource().getLocation();
    try (var jar = new JarFile(Path.of(source.toURI()).toFile())) {
      for (var entry : jar.stream().toList()) {
        var name = entry.getName();
        if (name.startsWith(OURS) && name.endsWith(SUFFIX) && !name.contains("-info")) {
          var className = name.substring(0, name.length() - SUFFIX.length()).replace('/', '.');
          var _ = Class.forName(className, false, loader);
        }
      }
    }
    Main.main(arguments);
  }
}
