/**
 * The ledger: tables in which every write of the probe leaves two rows, and the check that compares
 * them with what the log says was acknowledged. Nothing lost, nothing doubled, nothing invented, or
 * it says which.
 *
 * <p>Start with {@link dev.upshift.probe.ledger.LedgerCheck}.
 */
@NullMarked
package dev.upshift.probe.ledger;

import org.jspecify.annotations.NullMarked;
