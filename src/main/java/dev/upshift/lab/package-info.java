/**
 * The throw-away cluster: finds or fetches PostgreSQL, PgBouncer and HAProxy without root, starts
 * servers and the applications of a podcast site in one folder, and removes all of it again. Start
 * with {@link dev.upshift.lab.Lab}.
 */
@NullMarked
package dev.upshift.lab;

import org.jspecify.annotations.NullMarked;
