package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.util.List;

/**
 * What a command left behind.
 *
 * @param host where it ran
 * @param command what ran
 * @param exit its exit code
 * @param out its standard output
 * @param err its standard error
 */
public record Output(String host, Command command, int exit, String out, String err) {

  /** Whether it exited with 0. */
  public boolean ok() {
    return exit == 0;
  }

  /**
   * This, if the command succeeded.
   *
   * @throws WorldError with the command and the last lines of its output, if it did not
   */
  public Output orFail() {
    return orFail("");
  }

  /** The same, with a hint for the operator. */
  public Output orFail(String hint) {
    if (!ok()) {
      throw new WorldError(host, "'" + command + "' exited with " + exit + lastLines(), hint);
    }
    return this;
  }

  /**
   * The last lines of what it said, for an error's text; starts with a line break unless it is
   * empty.
   */
  public String lastLines() {
    var said = (out + "\n" + err).lines().filter(line -> !line.isBlank()).toList();
    List<String> last = said.subList(Math.max(0, said.size() - 8), said.size());
    return last.isEmpty() ? "" : "\n  " + String.join("\n  ", last);
  }
}
