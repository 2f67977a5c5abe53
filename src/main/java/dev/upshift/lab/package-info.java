/**
 * The throw-away cluster: finds or fetches PostgreSQL, PgBouncer and HAProxy without root, starts
 * servers. Start with {@link dev.upshift.lab.Programs}.
 */
@NullMarked
package dev.upshift.lab;

import org.jspecify.annotations.NullMarked;
