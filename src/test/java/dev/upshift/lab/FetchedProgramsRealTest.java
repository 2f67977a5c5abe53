package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import dev.upshift.topology.PgVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On this machine's cache: fetches what is not there yet. */
@Tag("real")
class FetchedProgramsRealTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private final Programs programs = Programs.forThisUser(Map.of(), Progress.silent());
  @TempDir private Path folder;

  @Test
  void shouldRunTheNewestPair() throws Exception {
    var pair = programs.newestPair();

    assertThat(pair.newer()).isGreaterThanOrEqualTo(PgVersion.of(18));
    assertThat(serve(pair.older())).containsExactly(pair.older().toString(), "ÄÖ", "C.UTF-8");
    assertThat(serve(pair.newer())).containsExactly(pair.newer().toString(), "ÄÖ", "C.UTF-8");
  }

  @Test
  void shouldRunHaProxyAndPgBouncer() {
    assertThat(run(List.of(programs.haproxy().toString(), "-vv"))).contains("HAProxy version");
    assertThat(run(List.of(programs.pgbouncer().toString(), "--version"))).contains("PgBouncer 1.");
  }

  @Test
  @Tag("full")
  void shouldTakeTheNewerKeyringFromASuiteThatTheMachineTrusts() {
    var seen = new ConcurrentSkipListSet<String>();
    var mirror = Packages.mirror();
    var oldest = Path.of("/usr/share/keyrings/debian-archive-bullseye-automatic.gpg");
    assertThat(oldest).as("keys of one old release only").isReadable();
    var archive = new Archive(mirror, folder, (what, _, _) -> seen.add(what), Optional.of(oldest));

    var found = archive.look(Recipe.postgres(PgVersion.of(18)));

    assertThat(found.packages()).extracting(Apt.Deb::name).contains("postgresql-18");
  }

  @Test
  void shouldSayWhereItLookedWhenTheMirrorCannotBeReached() {
    var own = Packages.mirror();
    var dead = new Mirror("http://127.0.0.1:9/debian/", own.suite(), own.architecture());
    var archive = new Archive(dead, folder, Progress.silent());

    assertThatThrownBy(() -> archive.look(Recipe.postgres(PgVersion.of(18))))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("http://127.0.0.1:9/debian/")
        .hasMessageContaining("forky: ")
        .hasMessageContaining("sid: ")
        .hasMessageContaining("Connection refused");
  }

  /** Makes a cluster, asks it, and ends it. */
  private List<String> serve(PgVersion version) throws IOException {
    var bin = programs.postgres(version);
    var own = Files.createDirectory(folder.resolve(version.toString()));
    for (var path : List.of(folder, own)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    var data = own.resolve("data").toString();
    run(asServer(bin, "initdb", "-D", data, "-U", "postgres", "--locale=C.UTF-8", "-A", "peer"));
    Files.writeString(
        own.resolve("data/postgresql.conf"),
        """
        listen_addresses = ''
        unix_socket_directories = '%s'
        shared_preload_libraries = 'pg_stat_statements'
        """
            .formatted(own),
        StandardOpenOption.APPEND);
    Files.writeString(own.resolve("data/pg_hba.conf"), "local all all peer map=me\n");
    Files.writeString(own.resolve("data/pg_ident.conf"), "me /^(.*)$ postgres\n");
    run(asServer(bin, "pg_ctl", "-D", data, "-l", own + "/log", "-w", "start"));
    try {
      var sql =
          """
          create extension pg_stat_statements; create extension pageinspect;
          select current_setting('server_version_num')::int / 10000, upper('äö'), datcollate
          from pg_database where datname = current_database()
          """;
      var said =
          run(
              asServer(
                  bin,
                  "psql",
                  "-h",
                  own.toString(),
                  "-U",
                  "postgres",
                  "-XAtq",
                  "-F",
                  "\n",
                  "-c",
                  sql));
      return said.lines().toList();
    } finally {
      run(asServer(bin, "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"));
    }
  }

  /** PostgreSQL refuses root. */
  private static List<String> asServer(Path bin, String program, String... arguments) {
    var command = new ArrayList<String>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
      command.add("--");
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static String run(List<String> command) {
    return String.join("\n", Child.run(command, LIMIT).orFail("").lines());
  }
}
