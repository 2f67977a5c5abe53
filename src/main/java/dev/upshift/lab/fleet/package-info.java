/**
 * The applications of the lab: a small podcast site as real processes, each in its own JVM. They
 * know the databases by name only and resolve a name anew for each new connection, so what happens
 * to them during an upgrade is what happens to real applications. They use the JDK and the JDBC
 * driver, and nothing else of ours. Start with {@link dev.upshift.lab.fleet.WebApp}.
 */
@NullMarked
package dev.upshift.lab.fleet;

import org.jspecify.annotations.NullMarked;
