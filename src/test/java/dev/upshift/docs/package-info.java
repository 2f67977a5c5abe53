/**
 * Pages of docs/ that are made from the program, and the test that they are what it would make
 * today. {@code -Ddocs.rewrite=true} writes them anew.
 */
@NullMarked
package dev.upshift.docs;

import org.jspecify.annotations.NullMarked;
