/**
 * The kinds of failure, told apart by type and never by text: the operator's input ({@link
 * dev.upshift.failure.InputError}), the outside world ({@link dev.upshift.failure.WorldError});
 * every other exception is our bug.
 */
@NullMarked
package dev.upshift.failure;

import org.jspecify.annotations.NullMarked;
