/**
 * The probe's log: append-only text, one line an event, readable with cat, and readable at any
 * moment by another process. The lines are described at {@link dev.upshift.probe.log.LogFormat}.
 *
 * <p>Knows the JDK only, so that whoever reads a log needs nothing else of the probe. Start with
 * {@link dev.upshift.probe.log.ProbeLog}.
 */
@NullMarked
package dev.upshift.probe.log;

import org.jspecify.annotations.NullMarked;
