/** What holds for the whole code: who may know whom, names, sizes, and the page that maps it. */
@NullMarked
package dev.upshift.architecture;

import org.jspecify.annotations.NullMarked;
