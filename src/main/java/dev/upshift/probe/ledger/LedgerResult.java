package dev.upshift.probe.ledger;

import java.util.List;

/**
 * What a check of the ledger found; each write is counted once, whichever of the two tables is
 * wrong. Examples name writes as {@code writer/n}, at most ten of each kind.
 *
 * @param acknowledged writes that were acknowledged
 * @param unknown writes of which nobody can say it: they may be there or not, wholly
 * @param lost acknowledged writes of which a row is missing, in both tables or in one; and writes
 *     not known to be acknowledged that stand in one table only, since the one row proves a commit
 * @param duplicated writes that stand more than once in a table
 * @param invented writes that are there, but were never made, or had failed for certain
 * @param otherRows rows of writers that are not this log's, on which it has nothing to say
 */
public record LedgerResult(
    long acknowledged,
    long unknown,
    long lost,
    long duplicated,
    long invented,
    long otherRows,
    List<String> lostExamples,
    List<String> duplicatedExamples,
    List<String> inventedExamples,
    List<String> unknownExamples) {

  /** Whether nothing was lost, doubled or invented. */
  public boolean clean() {
    return lost == 0 && duplicated == 0 && invented == 0;
  }
}
