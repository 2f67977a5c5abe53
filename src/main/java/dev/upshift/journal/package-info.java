/**
 * Durable memory of a run: append-only JSON lines, each on disk before the next thing happens,
 * readable with cat. Start with {@link dev.upshift.journal.Journal}.
 */
@NullMarked
package dev.upshift.journal;

import org.jspecify.annotations.NullMarked;
