package dev.upshift.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.postgres.Passfile;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.stream.Stream;

/** A client as the applications are: finds servers by name, in the hosts file of web1, by TCP. */
public final class FleetClient {
  private final Topology topology;

  /** A client of this cluster. */
  public FleetClient(Topology topology) {
    this.topology = topology;
  }

  /** A connection to whatever the name leads to now. */
  public Connection connect(String name) throws SQLException {
    return connectTo(address(name), topology.oldCluster().port());
  }

  /** A connection through a proxy on this machine, with the password of the servers behind it. */
  public Connection connectThrough(int port) throws SQLException {
    return connect("127.0.0.1", port, topology.oldCluster().port());
  }

  /** A connection to an address. */
  public Connection connectTo(String address, int port) throws SQLException {
    return connect(address, port, port);
  }

  private Connection connect(String address, int port, int knownPort) throws SQLException {
    var user = topology.admin().user();
    var properties = new Properties();
    properties.setProperty("user", user);
    Passfile.read(topology.admin().passfile())
        .password(topology.primary().address(), knownPort, "podcasts", user)
        .ifPresent(password -> properties.setProperty("password", password));
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("socketTimeout", "10");
    properties.setProperty("gssEncMode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + address + ":" + port + "/podcasts", properties);
  }

  /** Where the name leads now. */
  public String address(String name) {
    var file =
        topology.traffic().hostsFile().orElseThrow().on(topology.online().minimal().getFirst());
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> Stream.of(line.split("\\s+")).skip(1).anyMatch(name::equals))
          .map(line -> line.split("\\s+")[0])
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes a row with this number at an address, into a table of its own, where the rows of all
   * smaller numbers are.
   *
   * @throws AssertionError where one of them is not
   */
  public void writeNextAt(String address, int n) throws SQLException {
    try (var connection = connectTo(address, topology.oldCluster().port());
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS public.numbered (n int PRIMARY KEY)");
      statement.execute("INSERT INTO public.numbered VALUES (" + n + ")");
      try (var rows = statement.executeQuery("SELECT count(*) FROM public.numbered")) {
        rows.next();
        assertThat(rows.getInt(1)).as("rows at " + address).isEqualTo(n);
      }
    }
  }

  /** Makes the table that {@link #write} writes into. */
  public void makeTable() throws SQLException {
    execute("db1.internal", "CREATE TABLE IF NOT EXISTS public.story (at timestamptz, n bigint)");
  }

  /** Writes a row with this number through db1.internal. */
  public void write(long n) throws SQLException {
    execute("db1.internal", "INSERT INTO public.story VALUES (clock_timestamp(), " + n + ")");
  }

  /** Whether the row with this number is seen through a name. */
  public boolean sees(String name, long n) throws SQLException {
    try (var connection = connect(name);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT FROM public.story WHERE n = " + n)) {
      return rows.next();
    }
  }

  private void execute(String name, String sql) throws SQLException {
    try (var connection = connect(name);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
