/**
 * One file per pre-flight refusal. Each only looks. Start with {@link
 * dev.upshift.upgrade.Preflight}.
 */
@NullMarked
package dev.upshift.upgrade.checks;

import org.jspecify.annotations.NullMarked;
