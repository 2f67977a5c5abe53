/** One class per command: parse, call one method, print one result. Decides nothing. */
@NullMarked
package dev.upshift.cli;

import org.jspecify.annotations.NullMarked;
