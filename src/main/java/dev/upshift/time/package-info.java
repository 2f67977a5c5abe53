/**
 * Clocks and deadlines: a leaf that every package but the probe may use. Start with {@link
 * dev.upshift.time.Deadline}.
 */
@NullMarked
package dev.upshift.time;

import org.jspecify.annotations.NullMarked;
