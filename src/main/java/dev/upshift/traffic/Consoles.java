package dev.upshift.traffic;

import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.Output;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The consoles of one process, each kept open for its own use. */
final class Consoles implements AutoCloseable {
  private static final String CONNECT_SECONDS = "5";
  private static final Duration CLIENT_LIMIT = Duration.ofSeconds(15);

  private final Host host;
  private final String where;
  private final Poolers.Login login;
  private final Supplier<IniText> ini;
  private final Map<String, AdminConsole> open = new HashMap<>();

  /**
   * None yet.
   *
   * @param where what failures name
   * @param ini the process's configuration, which says where it listens
   */
  Consoles(Host host, String where, Poolers.Login login, Supplier<IniText> ini) {
    this.host = host;
    this.where = where;
    this.login = login;
    this.ini = ini;
  }

  /** The one for this use; one that has ended is opened anew. */
  synchronized AdminConsole of(String use) {
    var console = open.get(use);
    if (console == null || !console.isOpen()) {
      console = new AdminConsole(login.from().orElse(host), where, psql());
      open.put(use, console);
    }
    return console;
  }

  /** The way of the consoles, but as a client of an entry, who goes at once. */
  Output client(String entry) {
    var psql = psql().with("-X", "-w", "-d", entry, "-c", "SELECT 1").within(CLIENT_LIMIT);
    return login.from().orElse(host).attempt(psql);
  }

  /** Ends the one for this use, whatever it waits for. */
  synchronized void drop(String use) {
    Optional.ofNullable(open.remove(use)).ifPresent(AdminConsole::close);
  }

  @Override
  public synchronized void close() {
    open.values().forEach(AdminConsole::close);
    open.clear();
  }

  /**
   * By its own socket, which so_reuseport leaves to one process only; else by its first address.
   */
  private Command psql() {
    var settings = ini.get();
    var socket = settings.setting("unix_socket_dir").orElse("/tmp");
    var address = settings.setting("listen_addr").orElse("").split(",", 2)[0].strip();
    var port = settings.setting("listen_port").orElse("6432");
    var reach =
        !socket.isEmpty()
            ? folder(Path.of(socket), port)
            : address.equals("*") ? "127.0.0.1" : address;
    return Command.of(login.psql())
        .set("PGPASSFILE", login.passfile())
        .set("PGCONNECT_TIMEOUT", CONNECT_SECONDS)
        .set("PGAPPNAME", "upshift")
        .with("-h", reach, "-p", port)
        .with("-U", login.user());
  }

  private String folder(Path sockets, String port) {
    return login.from().isEmpty()
        ? sockets.toString()
        : host.reach(sockets.resolve(".s.PGSQL." + port)).getParent() + "";
  }
}
