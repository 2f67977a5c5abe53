package dev.upshift.upgrade.checks;

import java.util.List;

/**
 * Something that must be so before an upgrade begins. Only looks; a world that cannot be looked at
 * throws what it throws.
 */
public interface Refusal {

  /** Its name, kebab-case, for ever. */
  String id();

  /** What is looked at, in a few words. */
  String title();

  /** What is amiss; nothing, if all is well. */
  List<Finding> look();
}
