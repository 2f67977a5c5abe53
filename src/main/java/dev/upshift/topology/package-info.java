/**
 * The topology file as records, and its complaints with file:line:column. Start with {@link
 * dev.upshift.topology.Topology}.
 */
@NullMarked
package dev.upshift.topology;

import org.jspecify.annotations.NullMarked;
