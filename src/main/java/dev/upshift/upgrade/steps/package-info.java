/**
 * One file per step of a plan. The law that each obeys stands in {@link dev.upshift.engine.Step}.
 */
@NullMarked
package dev.upshift.upgrade.steps;

import org.jspecify.annotations.NullMarked;
