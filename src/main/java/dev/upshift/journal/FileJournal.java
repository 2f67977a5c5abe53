package dev.upshift.journal;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;

/**
 * A journal in a file: one JSON object a line, fsynced before anything is done. A last line without
 * its line end is what a death in the middle of a write leaves; it never counted, and is cut off
 * when the file is opened for writing.
 */
public final class FileJournal implements Journal, AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final List<Entry> entries;
  private final List<Consumer<Entry>> readers = new ArrayList<>();

  private FileJournal(Path file, FileChannel channel, List<Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.entries = entries;
  }

  /**
   * Opens the journal for writing, and makes it (mode 0600) where there is none.
   *
   * @throws WorldError when it cannot be written, or holds something that is no journal
   */
  public static FileJournal open(Path file) {
    try {
      var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      var options =
          EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      var channel = FileChannel.open(file, options, mode);
      var bytes = Files.readAllBytes(file);
      int whole = wholeLines(bytes);
      channel.truncate(whole);
      channel.position(whole);
      return new FileJournal(file, channel, parse(file, Arrays.copyOf(bytes, whole)));
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not open the journal " + file + ": " + e.getMessage(), "", e);
    }
  }

  /** Reads a journal that another process may be writing; none if there is no such file. */
  public static List<Entry> read(Path file) {
    try {
      var bytes = Files.readAllBytes(file);
      return parse(file, Arrays.copyOf(bytes, wholeLines(bytes)));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not read the journal " + file + ": " + e.getMessage(), "", e);
    }
  }

  private static int wholeLines(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  private static List<Entry> parse(Path file, byte[] bytes) {
    var entries = new ArrayList<Entry>();
    for (var line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      try {
        entries.add(entry(line));
      } catch (JacksonException e) {
        throw new WorldError(
            "this machine",
            file
                + ":"
                + (entries.size() + 1)
                + ": this line is no journal entry: "
                + e.getOriginalMessage(),
            "was the file edited, or written by a newer upshift?",
            e);
      }
    }
    return entries;
  }

  private static Entry entry(String line) throws JacksonException {
    Entry entry = Json.value(line, Entry.class);
    var fields = Json.tree(entry);
    if (!fields.isObject() || fields.valueStream().anyMatch(JsonNode::isNull)) {
      throw DatabindException.from((JsonParser) null, "a field is missing: " + fields);
    }
    return entry;
  }

  /** Calls {@code reader} with every entry from now on, after it is on disk. */
  public synchronized void tell(Consumer<Entry> reader) {
    readers.add(reader);
  }

  /**
   * What is going to be done must be on disk before it is done. That it was done need not: the next
   * line takes this one along, and where the machine dies before, it is done once more.
   */
  private void write(ByteBuffer buffer, boolean force) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    if (force) {
      channel.force(false);
    }
  }

  @Override
  public synchronized void append(Entry entry) {
    try {
      var buffer = ByteBuffer.wrap((Json.line(entry) + "\n").getBytes(StandardCharsets.UTF_8));
      long end = channel.position();
      try {
        write(buffer, !(entry instanceof Entry.Done));
      } catch (IOException e) {
        // Half a line in front of the next one would make the whole journal unreadable.
        channel.truncate(end);
        throw e;
      }
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "could not write the journal " + file + ": " + e.getMessage(),
          "is the disk full?",
          e);
    }
    entries.add(entry);
    readers.forEach(reader -> reader.accept(entry));
  }

  @Override
  public synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not close the journal " + file + ": " + e.getMessage(), "", e);
    }
  }
}
