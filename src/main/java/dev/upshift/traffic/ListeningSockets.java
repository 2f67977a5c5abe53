package dev.upshift.traffic;

import dev.upshift.host.Host;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;

/** Listening sockets, from the kernel's tables (proc(5), /proc/net/tcp). */
final class ListeningSockets {
  private static final String LISTENS = "0A";

  private ListeningSockets() {}

  /** How many there are with this address and port; nothing where the address is none. */
  static OptionalInt count(Host host, String address, int port) {
    try {
      var literal = InetAddress.ofLiteral(address.equals("*") ? "0.0.0.0" : address);
      var bytes = literal.getAddress();
      var table = Path.of(bytes.length == 4 ? "/proc/net/tcp" : "/proc/net/tcp6");
      var local = hex(bytes) + ":" + String.format(Locale.ROOT, "%04X", port);
      return OptionalInt.of(
          (int)
              host.readText(table).stream()
                  .flatMap(String::lines)
                  .map(line -> line.strip().split("\\s+"))
                  .filter(fields -> fields.length > 3 && fields[3].equals(LISTENS))
                  .filter(fields -> fields[1].equals(local))
                  .count());
    } catch (IllegalArgumentException e) {
      return OptionalInt.empty();
    }
  }

  /** Words of four bytes, each as the machine's processor keeps a number. */
  private static String hex(byte[] address) {
    var text = new StringBuilder();
    var words = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      text.append(String.format(Locale.ROOT, "%08X", words.getInt()));
    }
    return text.toString();
  }
}
