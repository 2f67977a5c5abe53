/** Checks against real servers. */
@NullMarked
package dev.upshift.upgrade.checks;

import org.jspecify.annotations.NullMarked;
