package dev.upshift.run;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a folder remembers of the probe's tables: on disk before they are made, so that whoever
 * undoes this run, or comes after a probe that was killed, knows of them.
 */
record TablesNote(Path file) {
  private static final String BEGUN = "begun\n";
  private static final String MADE = "made\n";

  /** The note of a run or a probe. */
  static TablesNote in(RunFolder folder) {
    return new TablesNote(folder.folder().resolve("probe.tables"));
  }

  /** Whether they were made, or begun to be made. */
  boolean areBegun() {
    return Files.exists(file);
  }

  /** Whether they were made to the end. */
  boolean areMade() {
    try {
      return areBegun() && Files.readString(file).equals(MADE);
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  /** They are going to be made. */
  void begin() {
    write(BEGUN);
  }

  /** They are there. */
  void made() {
    write(MADE);
  }

  /** They are gone. */
  void forget() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed("remove", e);
    }
  }

  private void write(String word) {
    try {
      Files.writeString(file, word);
    } catch (IOException e) {
      throw failed("write", e);
    }
  }

  private WorldError failed(String what, IOException e) {
    return new WorldError(
        "this machine", "could not " + what + " " + file + ": " + e.getMessage(), "", e);
  }
}
