/**
 * The application servers: their workers, and the load balancer in front of them. Start with {@link
 * dev.upshift.fleet.Workers}.
 */
@NullMarked
package dev.upshift.fleet;

import org.jspecify.annotations.NullMarked;
