package dev.upshift.lab.fleet;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of the lab's HAProxy: frontend {@code site} with backend {@code web}, frontend
 * {@code api} with backend {@code api}. A server that answers its health check is used; over the
 * admin socket it can be drained ({@code set server web/web3 state drain}), stopped ({@code maint})
 * and taken back ({@code ready}).
 *
 * @param socket the admin socket; mode 600
 * @param site where visitors come in
 * @param api where programs come in
 * @param account what HAProxy becomes when it is started as root; empty for anyone else
 */
public record HaProxyConfig(
    Path socket,
    InetSocketAddress site,
    InetSocketAddress api,
    List<Server> webServers,
    List<Server> apiServers,
    Optional<Account> account) {

  /** A server of a backend, by its name. */
  public record Server(String name, InetSocketAddress address) {}

  /** A user and a group of the machine. */
  public record Account(String user, String group) {}

  /** The socket is made under a longer name first, and sun_path has 108 bytes (unix(7)). */
  private static final int LONGEST_SOCKET_BYTES = 90;

  /**
   * Checks what the configuration file could not carry.
   *
   * @throws IllegalArgumentException when the path of the socket is too long or holds blanks
   */
  public HaProxyConfig {
    String path = socket.toString();
    if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_BYTES) {
      throw new IllegalArgumentException(
          "socket path longer than " + LONGEST_SOCKET_BYTES + " bytes: " + path);
    }
    if (!path.matches("[\\w./+@-]+")) {
      throw new IllegalArgumentException("socket path with a special character: " + path);
    }
  }

  /** The command that runs it in the foreground. */
  public static List<String> command(Path haproxy, Path file) {
    return List.of(haproxy.toString(), "-db", "-f", file.toString());
  }

  /** The content of haproxy.cfg. */
  public String text() {
    return """
    global
      log stdout format raw daemon info
      stats socket %s mode 600 level admin
      maxconn 2000
      hard-stop-after 10s
    %s
    defaults
      mode http
      log global
      option httplog
      option dontlog-normal
      option dontlognull
      option redispatch
      retries 3
      retry-on conn-failure empty-response
      timeout connect 2s
      timeout check 1s
      timeout queue 5s
      timeout client 60s
      timeout server 60s
      timeout http-keep-alive 60s

    frontend site
      bind %s
      default_backend web

    frontend api
      bind %s
      default_backend api

    %s
    %s\
    """
        .formatted(
            socket,
            account.map(a -> "  user " + a.user() + "\n  group " + a.group() + "\n").orElse(""),
            text(site),
            text(api),
            backend("web", webServers),
            backend("api", apiServers));
  }

  private static String backend(String name, List<Server> servers) {
    StringBuilder text = new StringBuilder();
    text.append("backend ").append(name).append("\n  balance roundrobin\n");
    // A form is never sent twice; a page may be, when a kept connection was closed meanwhile.
    text.append("  http-request disable-l7-retry unless METH_GET\n");
    text.append("  option httpchk GET /healthz\n  http-check expect status 200\n");
    text.append("  default-server inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1\n");
    for (Server server : servers) {
      text.append("  server %s %s check\n".formatted(server.name(), text(server.address())));
    }
    return text.toString();
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }
}
