/**
 * Measures reads and writes from the client's side, in a process of its own that outlives a killed
 * tool. Shares no code with what it measures: the JDK and JDBC only.
 *
 * <p>Whether a probe runs stands in its log: {@code ProbeLog.read(file).running()} gives its
 * process by pid and start time, so that a resumed tool goes on with it. It ends when its stop file
 * appears, on SIGTERM, and when its log was removed. Start with {@link
 * dev.upshift.probe.ProbeMain}; {@link dev.upshift.probe.Measurement} makes figures of a log.
 */
@NullMarked
package dev.upshift.probe;

import org.jspecify.annotations.NullMarked;
