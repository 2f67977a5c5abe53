package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import java.util.regex.Pattern;

/**
 * A position in the write-ahead log, in bytes; shown as PostgreSQL's {@code pg_lsn} (two
 * hexadecimal halves).
 */
public record Lsn(long bytes) implements Comparable<Lsn> {
  private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  /** Reads "16/B374D848". */
  public static Lsn parse(String text) {
    var halves = FORM.matcher(text.strip());
    if (!halves.matches()) {
      throw new WorldError("a server", "'" + text + "' is no WAL position", "");
    }
    return new Lsn(Long.parseLong(halves.group(1), 16) << 32 | Long.parseLong(halves.group(2), 16));
  }

  /** Whether this position lies behind the other, strictly. */
  public boolean isAfter(Lsn other) {
    return compareTo(other) > 0;
  }

  /** The bytes from the other position to this one. */
  public long minus(Lsn other) {
    return bytes - other.bytes;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return String.format("%X/%X", bytes >>> 32, bytes & 0xFFFFFFFFL);
  }
}
