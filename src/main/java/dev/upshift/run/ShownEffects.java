package dev.upshift.run;

import dev.upshift.host.Witness;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The effects that a plan shows, line by line. Many hosts are told at the same time, so this is,
 * too.
 */
final class ShownEffects implements Witness {
  private volatile List<Planning.Shown> current = list();

  private static List<Planning.Shown> list() {
    return Collections.synchronizedList(new ArrayList<>());
  }

  /** Those of the line that begins now; it fills until the next one begins. */
  List<Planning.Shown> ofNext() {
    current = list();
    return current;
  }

  @Override
  public void effect(String host, String what) {
    current.add(new Planning.Shown(host, what));
  }
}
