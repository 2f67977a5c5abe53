/**
 * Where clients go: what leads them to a server, and how to lead them to another. Start with
 * TrafficSwitch.
 */
@NullMarked
package dev.upshift.traffic;

import org.jspecify.annotations.NullMarked;
