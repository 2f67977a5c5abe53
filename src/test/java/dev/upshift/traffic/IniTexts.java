package dev.upshift.traffic;

import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import java.util.List;
import org.quicktheories.core.Gen;

/** Generated configurations: sound ones as people write them, and pieces in any order. */
final class IniTexts {
  static final List<String> NAMES = List.of("app", "app_ro", "App-1.x");

  /** What may stand behind the equals sign; PgBouncer reads each of them. */
  private static final Gen<String> ENTRY =
      pick(
          List.of(
              "",
              "host=10.0.0.1",
              "host='10.0.0.1' port=7",
              "port=6000   dbname='a b' host = 10.0.0.2",
              "dbname=podcasts pool_size=5",
              "dbname='it''s host=1.1.1.1' port=77",
              "host=10.0.0.3 host=10.0.0.4 port=1 port=2",
              "host= ::1 password='x;y#z'",
              "host=10.0.0.5,10.0.0.6 port=8",
              "host=/run/postgresql connect_query='SELECT ''host=2'''",
              "pool_mode=session\thost=10.0.0.7".replace("\t", " ")));

  private static final Gen<String> LINE =
      pick(List.of("app", "app_ro", "App-1.x", "other", "app.2", "*"))
          .zip(
              pick(List.of(" = ", "=", "\t=\t", " =", "= ")),
              ENTRY,
              (name, equals, entry) -> name + equals + entry)
          .mix(
              pick(
                  List.of(
                      "",
                      "  ",
                      "; app = host=9.9.9.9",
                      "# caf\u00e9 \u00ff [databases]",
                      "[databases]",
                      "[databases] app = host=10.0.0.8",
                      "  \tapp_ro = host=10.0.0.9  \t")),
              40);

  /** Each line with its end; some files lack the last one. */
  static final Gen<String> SOUND =
      lists()
          .of(LINE.zip(pick(List.of("\n", "\n", "\r\n", " \n")), (line, end) -> line + end))
          .ofSizeBetween(0, 10)
          .map(lines -> "[databases]\n" + String.join("", lines));

  /** Most of such files no human would write. */
  static final Gen<String> CHAOS =
      lists()
          .of(
              pick(
                  List.of(
                      "[databases]",
                      "[users]",
                      "[",
                      "]",
                      "app",
                      "app_ro",
                      "App-1.x",
                      "=",
                      " = ",
                      "host",
                      "host=",
                      "host=10.0.0.1",
                      " host='10.0.0.2'",
                      "'",
                      "''",
                      "\"",
                      "port=5",
                      " ",
                      "\t",
                      "\r",
                      "\u000b",
                      "\0",
                      ";",
                      "#",
                      "%include x",
                      "caf\u00e9",
                      "\n",
                      "\n",
                      "\r\n")))
          .ofSizeBetween(0, 40)
          .map(pieces -> String.join("", pieces));

  static final Gen<String> ANY = SOUND.zip(CHAOS, integers().between(0, 2), IniTexts::one);

  private IniTexts() {}

  private static String one(String sound, String chaos, int which) {
    return switch (which) {
      case 0 -> sound;
      case 1 -> "[databases]\n" + chaos;
      default -> chaos + "\n" + sound + chaos;
    };
  }
}
