/**
 * What can be done to one PostgreSQL server and its files. Start with {@link
 * dev.upshift.postgres.PgServer}.
 */
@NullMarked
package dev.upshift.postgres;

import org.jspecify.annotations.NullMarked;
