/**
 * The plans and what must be so before one begins. Start with {@link
 * dev.upshift.upgrade.UpgradePlan}; each of its lines is a class in {@code steps}.
 */
@NullMarked
package dev.upshift.upgrade;

import org.jspecify.annotations.NullMarked;
