/** A machine: run a program, read and replace a file. Start with {@link dev.upshift.host.Host}. */
@NullMarked
package dev.upshift.host;

import org.jspecify.annotations.NullMarked;
