package dev.upshift.testing;

import dev.upshift.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * For a lab of servers only: two application servers of which there is nothing but their hosts
 * files, and the topology that says so. The probe of a run is the only client then.
 */
public final class SmallFleet {
  private static final List<String> SERVERS = List.of("web1", "web2");

  private SmallFleet() {}

  /** Writes the hosts files where there are none, and the topology file; returns the latter. */
  public static Path describe(Lab lab) {
    try {
      for (var server : SERVERS) {
        var hosts = hosts(lab, server);
        if (!Files.exists(hosts)) {
          Files.createDirectories(hosts.getParent());
          Files.writeString(hosts, text(lab, server));
        }
      }
      var file = lab.dir().resolve("small-fleet.yaml");
      Files.writeString(file, topology(Files.readString(lab.topologyFile())));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path hosts(Lab lab, String server) {
    return lab.dir().resolve("fleet").resolve(server).resolve("hosts");
  }

  private static String text(Lab lab, String server) {
    var text = new StringBuilder("127.0.0.1\tlocalhost\n127.0.1.1  " + server + ".internal\n\n");
    for (var database : lab.topology().servers()) {
      if (!database.name().equals("db4")) {
        text.append(database.address()).append("   ").append(database.name());
        text.append(".internal  # a database\n");
      }
    }
    return text.append("::1 ip6-localhost\n").toString();
  }

  private static String topology(String ofLab) {
    var online = "online: {servers: [web1, web2], minimal: [web1], park: db2}\n\n";
    int first = ofLab.indexOf("\nonline:") + 1;
    int last = ofLab.indexOf("\nway-back:") + 1;
    return ofLab.substring(0, first) + online + ofLab.substring(last);
  }
}
