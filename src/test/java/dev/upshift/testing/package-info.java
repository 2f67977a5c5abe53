/** What tests share: real servers that are thrown away. */
@NullMarked
package dev.upshift.testing;

import org.jspecify.annotations.NullMarked;
