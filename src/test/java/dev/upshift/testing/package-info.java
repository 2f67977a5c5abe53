/** What tests of several packages use. */
@NullMarked
package dev.upshift.testing;

import org.jspecify.annotations.NullMarked;
