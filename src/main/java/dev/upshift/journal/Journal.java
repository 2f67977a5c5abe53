package dev.upshift.journal;

import java.util.List;

/**
 * What happened in a run, in order. Whatever is in it survives the death of the process and of the
 * machine.
 */
public interface Journal {

  /** Adds an entry; when this returns, it is on disk. */
  void append(Entry entry);

  /** All entries, the first one first. */
  List<Entry> entries();
}
