package dev.upshift.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import dev.upshift.host.Staged;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A server's pg_hba.conf where it lies, and beside it, if that was asked for, the one that is to
 * take its place: then the change itself is one rename.
 */
final class HbaOnDisk {
  private record Ready(HbaFile hba, Staged staged) {}

  private final Host host;
  private final Path file;
  private final AtomicReference<Optional<Ready>> ready = new AtomicReference<>(Optional.empty());

  HbaOnDisk(Host host, Path file) {
    this.host = host;
    this.file = file;
  }

  Optional<HbaFile> read() {
    return host.readText(file).map(HbaFile::new);
  }

  /** Replaces it; by what lies ready, where that is the same. */
  void write(HbaFile hba) {
    var there = ready.getAndSet(Optional.empty());
    if (there.filter(one -> one.hba().equals(hba)).isPresent()) {
      try (var staged = there.get().staged()) {
        staged.commit();
      }
      return;
    }
    there.ifPresent(one -> one.staged().close());
    host.replaceText(file, hba.text());
  }

  /** Lays what will be written ready beside it; nobody reads it there. */
  void layReady(HbaFile hba) {
    ready.getAndSet(Optional.empty()).ifPresent(one -> one.staged().close());
    ready.set(Optional.of(new Ready(hba, host.stage(file, hba.text().getBytes(UTF_8)))));
  }

  /**
   * Throws away what lies ready, also what a process of ours has laid there that was killed. What
   * cannot be reached goes when the file is written next.
   */
  void forget() {
    try {
      var there = ready.getAndSet(Optional.empty());
      if (there.isPresent()) {
        there.get().staged().close();
      } else {
        // To lay something there takes away what the dead have left.
        read().ifPresent(now -> host.stage(file, now.text().getBytes(UTF_8)).close());
      }
    } catch (WorldError e) {
      // Its machine is away. It is nobody's file, and the next change of the file removes it.
    }
  }
}
