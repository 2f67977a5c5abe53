package dev.upshift.topology;

import dev.upshift.failure.InputError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads topology files. */
public final class TopologyFile {
  private static final int MOST_BYTES = 1 << 20;

  private TopologyFile() {}

  /**
   * Reads and validates a topology file. Relative paths in it are relative to its folder.
   *
   * @throws InputError with every complaint about the file, one a line, each with file:line:column
   */
  public static Topology read(Path file) {
    return parse(file, decode(file, bytes(file)));
  }

  static Topology parse(Path file, String text) {
    var complaints = new Complaints(file);
    var tree = YamlTree.parse(text, complaints);
    if (tree.isEmpty()) {
      complaints.throwIfAny();
      throw new IllegalStateException("no tree and no complaint");
    }
    var topology = new ShapeCheck(complaints).complete(tree.get());
    new ServerRules(topology, complaints).check();
    new TrafficRules(topology, complaints).check();
    new FleetRules(topology, complaints).check();
    complaints.throwIfAny();
    return new TopologyBinder(file, topology).bind();
  }

  private static byte[] bytes(Path file) {
    if (Files.isDirectory(file)) {
      throw new InputError(file + " is a directory", "name the topology file itself");
    }
    try (var input = Files.newInputStream(file)) {
      var bytes = input.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new InputError(file + " is larger than 1 MiB", "name a topology file");
      }
      return bytes;
    } catch (IOException failure) {
      throw unreadable(file, failure);
    }
  }

  static InputError unreadable(Path file, IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ ->
          new InputError(file + " does not exist", "name the topology file, or write one");
      case AccessDeniedException _ ->
          new InputError(
              file + " may not be read by this user", "run as another user, or change its mode");
      default ->
          new InputError(
              file + " cannot be read: " + failure.getMessage(), "look at the file and its disk");
    };
  }

  private static String decode(Path file, byte[] bytes) {
    var decoder = StandardCharsets.UTF_8.newDecoder();
    var input = ByteBuffer.wrap(bytes);
    try {
      var text = decoder.decode(input).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      // The decoder stops at the first byte it cannot read.
      var before = new String(bytes, 0, input.position(), StandardCharsets.UTF_8);
      var place = Place.after(before);
      throw new InputError(
          file + ":" + place.line() + ":" + place.column() + ": this is not UTF-8",
          "save the file as UTF-8");
    }
  }
}
