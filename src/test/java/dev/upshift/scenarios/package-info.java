/** Whole upgrades on real servers, and what goes wrong in them: one story a file. */
@NullMarked
package dev.upshift.scenarios;

import org.jspecify.annotations.NullMarked;
