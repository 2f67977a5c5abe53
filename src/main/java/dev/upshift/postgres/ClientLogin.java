package dev.upshift.postgres;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A login as a client's, as far as pg_hba.conf decides: it is spoken to the server byte by byte
 * (manual, "Message Flow", "Start-up"), because a driver tries twice and takes ten times as long
 * while clients wait.
 */
final class ClientLogin {
  private static final int SSL_REQUEST = 80877103;
  private static final int PROTOCOL_3 = 3 << 16;
  private static final int LONGEST_ANSWER = 30_000;

  private ClientLogin() {}

  /**
   * The SQLSTATE of the refusal; {@code 00000} where the server lets the user in, {@code 28P01}
   * where it asks for a password, {@code 08001} where nobody answers. Nothing where the server
   * would speak TLS: whether a line for TLS lets the user in can be tried with TLS only.
   */
  static Optional<String> state(ServerWay way, String user, String database, Duration limit) {
    try (var socket = way.socket()) {
      way.connect(socket, limit);
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(2 * Integer.BYTES);
      out.writeInt(SSL_REQUEST);
      out.flush();
      if (in.readByte() != 'N') {
        return Optional.empty();
      }
      var parameters =
          ("user\0" + user + "\0database\0" + database + "\0\0").getBytes(StandardCharsets.UTF_8);
      out.writeInt(2 * Integer.BYTES + parameters.length);
      out.writeInt(PROTOCOL_3);
      out.write(parameters);
      out.flush();
      return Optional.of(answer(in));
    } catch (IOException e) {
      return Optional.of("08001");
    }
  }

  /**
   * 'R': authentication, 0 if none is needed. 'E': fields of a letter and a text each, C the state.
   */
  private static String answer(DataInputStream in) throws IOException {
    int kind = in.readByte();
    int length = in.readInt() - Integer.BYTES;
    if (length < Integer.BYTES || length > LONGEST_ANSWER) {
      return "08P01";
    }
    if (kind == 'R') {
      return in.readInt() == 0 ? "00000" : "28P01";
    }
    var fields = new String(in.readNBytes(length), StandardCharsets.UTF_8).split("\0", -1);
    for (var field : fields) {
      if (field.startsWith("C")) {
        in.readAllBytes(); // until its process is gone, so that nobody takes it for a client's
        return field.substring(1);
      }
    }
    return "08P01";
  }
}
