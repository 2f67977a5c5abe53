/**
 * The protocol of a run: steps, plans, the gate, and the runner that writes a journal line before
 * and after each step. Knows nothing of PostgreSQL. Start with {@link dev.upshift.engine.Step},
 * then {@link dev.upshift.engine.Runner}.
 */
@NullMarked
package dev.upshift.engine;

import org.jspecify.annotations.NullMarked;
