package dev.upshift.probe;

import java.time.Instant;

/**
 * A time in which writes were parked or fenced.
 *
 * @param from its begin, by the wall clock
 * @param to its end
 */
public record Hold(Instant from, Instant to) {}
