package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Configuration that lies apart from the data directory, as Debian and others have it (manual,
 * "File Locations"). A base backup does not bring it along, and initdb does not make it; where it
 * lies in the data directory, there is nothing to do here.
 */
public final class ConfigFolder {
  private static final String MAIN = "postgresql.conf";

  /** What initdb makes that belongs there. */
  private static final List<String> MADE = List.of(MAIN, "pg_hba.conf", "pg_ident.conf");

  /** What Debian's programs read besides (pg_createcluster(1)). */
  private static final List<String> DEBIAN = List.of(StartConf.FILE, "environment", "pg_ctl.conf");

  private static final Pattern HIDDEN = Pattern.compile("(^|/)\\.");
  private static final String PLACE = "# --- where its files lie, set by upshift";
  private static final List<String> PLACE_SETTINGS =
      List.of("data_directory", "hba_file", "ident_file");

  private ConfigFolder() {}

  /** Moves what initdb has made in the data directory; the rest is as the other cluster has it. */
  public static void settle(PgServer made, PgServer like) {
    if (!isApart(made)) {
      return;
    }
    var host = made.host();
    make(made);
    for (var name : MADE) {
      var from = made.data().resolve(name);
      host.readText(from).ifPresent(text -> host.replaceText(made.config().resolve(name), text));
      host.remove(from);
    }
    if (isApart(like) && !like.equals(made)) {
      DEBIAN.forEach(name -> copy(like, made, name));
    }
    placeFiles(made);
  }

  /** For a copy of a server: all its files, but with the copy's own places. */
  public static void copy(PgServer from, PgServer to) {
    if (!isApart(to)) {
      return;
    }
    make(to);
    var source = from.host();
    if (isApart(from)) {
      names(source, from.config()).forEach(name -> copy(from, to, name));
    } else {
      MADE.forEach(name -> copy(from, to, name));
    }
    placeFiles(to);
  }

  /**
   * Its files, those that are links to elsewhere among them. Folders that are links are not looked
   * into: Debian's older clusters have one to the data directory, and one to their log.
   */
  private static List<String> names(Host host, Path folder) {
    if (host.onlyShows() && !host.exists(folder)) {
      return List.of(); // it would have been made by now
    }
    var find =
        Command.of("find", folder + "/", "-xtype", "f")
            .with("!", "-name", "log", "!", "-name", "*.log", "-printf", "%P\\n");
    var found = host.ask(find).orFail().out().lines().toList();
    if (!found.contains(MAIN)) {
      throw new WorldError(
          host.name(),
          "there is no " + folder.resolve(MAIN),
          "say in the topology where the configuration lies (old.config)");
    }
    return found.stream().filter(name -> !HIDDEN.matcher(name).find()).sorted().toList();
  }

  /** A copy is not to come up with its machine before it is settled that it is to stay. */
  private static void copy(PgServer from, PgServer to, String name) {
    from.host()
        .read(from.config().resolve(name))
        .ifPresent(bytes -> {
          var target = to.config().resolve(name);
          makeFolder(to.host(), target.resolveSibling(""));
          if (name.equals(StartConf.FILE)) {
            var text = new String(bytes, StandardCharsets.UTF_8);
            to.host().replaceText(target, StartConf.forLater(text));
          } else {
            to.host().replace(target, bytes);
          }
        });
  }

  private static void make(PgServer server) {
    makeFolder(server.host(), server.config());
  }

  /** Others read there what clusters there are. */
  private static void makeFolder(Host host, Path folder) {
    if (!host.exists(folder)) {
      host.run(Command.of("mkdir", "-p", "-m", "0755", folder));
    }
  }

  /** The last line of a name counts; those of ours that came with a copy go. */
  private static void placeFiles(PgServer server) {
    var file = server.config().resolve(MAIN);
    var text = server.host().readText(file).orElse("");
    int ours = text.indexOf(PLACE);
    var before = ours < 0 ? text : text.substring(0, ours);
    var behind =
        ours < 0
            ? ""
            : text.substring(ours)
                .lines()
                .skip(1 + PLACE_SETTINGS.size())
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    var config = server.config();
    server
        .host()
        .replaceText(
            file,
            before
                + (before.isEmpty() || before.endsWith("\n") ? "" : "\n")
                + PLACE
                + "\n"
                + Settings.line("data_directory", server.data().toString())
                + Settings.line("hba_file", config.resolve("pg_hba.conf").toString())
                + Settings.line("ident_file", config.resolve("pg_ident.conf").toString())
                + behind);
  }

  /**
   * Empties it when the data directory is removed; the folder itself and that of a version in which
   * nothing is left go, too, as with pg_dropcluster, where they lie in one that is ours to change.
   */
  static void removeWithData(PgServer server) {
    var host = server.host();
    host.remove(server.data());
    if (!isApart(server) || !host.exists(server.config())) {
      return;
    }
    host.list(server.config()).forEach(name -> host.remove(server.config().resolve(name)));
    var above = server.config().resolveSibling("");
    var emptied =
        above.endsWith(server.version().toString())
            ? List.of(server.config(), above)
            : List.of(server.config());
    host.attempt(Command.of("rmdir", emptied.toArray()));
  }

  private static boolean isApart(PgServer server) {
    return !server.config().equals(server.data());
  }
}
