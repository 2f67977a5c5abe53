/**
 * What a command starts: the lock, a plan's start, the demo. Builds the collaborators from the
 * topology, in the lab as in life. Start with {@link dev.upshift.run.Upgrade}.
 */
@NullMarked
package dev.upshift.run;

import org.jspecify.annotations.NullMarked;
