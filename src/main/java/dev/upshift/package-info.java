/**
 * Upshift moves a running PostgreSQL cluster to a new major version. Start with the upgrade
 * package's UpgradePlan.
 */
@NullMarked
package dev.upshift;

import org.jspecify.annotations.NullMarked;
