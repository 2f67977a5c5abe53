package dev.upshift.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A journal is what recovery reads: whole lines count, half ones never did, foreign ones are told.
 */
class FileJournalTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901Z");

  /** One of each kind, with what JSON and lines find hard. */
  private static final List<Entry> ONE_OF_EACH =
      List.of(
          new Entry.Began(
              AT, "physical", "upgrade", "ops@laptop 1", Json.tree(Map.of("from", "15"))),
          new Entry.Passed(AT, "gate", "J\u00f6rg \"the DBA\"", "key"),
          new Entry.Started(AT, "hold-traffic", "Hold writes", Json.tree(Map.of("a", List.of(1)))),
          new Entry.Waiting(AT, "hold-traffic", "two\nlines\r\nand a \u2028 separator"),
          new Entry.Done(AT, "hold-traffic", 17, Json.tree(Map.of())),
          new Entry.Failed(AT, "prove", "back\\slash 'n' \u0000 zero", ""),
          new Entry.Undoing(AT, "prove", "why"),
          new Entry.Undone(AT, "prove"),
          new Entry.Differs(AT, "prove", "was 1, is 2"),
          new Entry.Ended(AT, "undone", ""));

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("journal.jsonl");
  }

  @Test
  void shouldReadEveryKindOfEntryBackAsItWas() throws IOException {
    write(ONE_OF_EACH);
    assertThat(FileJournal.read(file)).isEqualTo(ONE_OF_EACH);
    assertThat(Files.readString(file).lines()).hasSameSizeAs(ONE_OF_EACH);
    assertThat(ONE_OF_EACH.stream().map(Object::getClass).distinct().toList())
        .hasSize(Entry.class.getPermittedSubclasses().length);
    try (var journal = FileJournal.open(file)) {
      assertThat(journal.entries()).isEqualTo(ONE_OF_EACH);
    }
  }

  @Test
  void shouldCutOffATornLastLineWhereverItWasTorn() throws IOException {
    write(ONE_OF_EACH);
    var whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      int lines = lineEnds(whole, length);
      assertThat(FileJournal.read(file)).isEqualTo(ONE_OF_EACH.subList(0, lines));
      if (length % 11 != 0) {
        continue;
      }
      try (var journal = FileJournal.open(file)) {
        journal.append(new Entry.Undone(AT, "after"));
      }
      var expected = new ArrayList<>(ONE_OF_EACH.subList(0, lines));
      expected.add(new Entry.Undone(AT, "after"));
      assertThat(FileJournal.read(file)).isEqualTo(expected);
    }
  }

  @Test
  void shouldNameFileAndLineOfWhatIsNoEntry() throws IOException {
    for (var foreign :
        List.of(
            "hello",
            "{\"event\":\"exploded\",\"at\":\"2026-01-02T03:04:05Z\"}",
            "{\"event\":\"undone\"}",
            "{}",
            "null",
            "",
            "[]",
            "{\"event\":\"undone\",\"at\":\"2026-01-02T03:04:05Z\",\"step\":\"a\"} {}")) {
      write(ONE_OF_EACH.subList(0, 2));
      Files.writeString(file, Files.readString(file) + foreign + "\n");
      assertThatExceptionOfType(WorldError.class)
          .as(foreign)
          .isThrownBy(() -> FileJournal.read(file))
          .withMessageContaining(file + ":3: this line is no journal entry");
      assertThatExceptionOfType(WorldError.class).isThrownBy(() -> FileJournal.open(file));
      Files.delete(file);
    }
  }

  @Test
  void shouldKeepTheJournalToItsOwner() throws IOException {
    write(ONE_OF_EACH);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void shouldFindNoEntriesWhereThereIsNoFile() {
    assertThat(FileJournal.read(file)).isEmpty();
  }

  @Test
  void shouldTellReadersAfterTheEntryIsInTheFile() {
    var seen = new ArrayList<Integer>();
    try (var journal = FileJournal.open(file)) {
      journal.tell(entry -> seen.add(FileJournal.read(file).size()));
      ONE_OF_EACH.forEach(journal::append);
    }
    assertThat(seen).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  /** With a file size limit in place of a full disk: half a line gets in, the rest does not. */
  @Test
  void shouldLeaveNoHalfLineBehindWhenTheDiskIsFull() throws Exception {
    var child =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -f 8; exec \"$@\"",
                "sh",
                Child.java(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                "fill",
                file.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains("could not write the journal", "is the disk full?");
    assertThat(Files.size(file)).isGreaterThan(3_000);
    int entries = FileJournal.read(file).size();
    try (var journal = FileJournal.open(file)) {
      assertThat(journal.entries()).hasSize(entries);
    }
    // What the same process wrote later, when there was room again, is readable too.
    assertThat(said).contains("entries after: " + entries);
  }

  private static int lineEnds(byte[] bytes, int length) {
    int lines = 0;
    for (int i = 0; i < length; i++) {
      lines += bytes[i] == '\n' ? 1 : 0;
    }
    return lines;
  }

  private void write(List<Entry> entries) {
    try (var journal = FileJournal.open(file)) {
      entries.forEach(journal::append);
    }
  }
}
