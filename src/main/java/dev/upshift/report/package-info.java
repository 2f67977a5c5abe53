/**
 * The result of a run, for programs and for people; reads the journal and the probe's log only.
 * Start with {@link dev.upshift.report.Report}.
 */
@NullMarked
package dev.upshift.report;

import org.jspecify.annotations.NullMarked;
