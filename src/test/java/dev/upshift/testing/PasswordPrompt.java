package dev.upshift.testing;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A client that stands at its password prompt: the server has met it with the rules of that moment,
 * and waits for its answer. It speaks PostgreSQL's protocol 3.0 so far and no further.
 */
public final class PasswordPrompt implements AutoCloseable {
  private static final int PROTOCOL = 196608;
  private static final int AUTHENTICATION = 'R';

  private final Socket socket;

  /** Connects, and returns when the server has asked for the password. */
  public PasswordPrompt(String address, int port, String user, String database) throws IOException {
    socket = new Socket(address, port);
    socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
    var text = "user\0" + user + "\0database\0" + database + "\0\0";
    var body = text.getBytes(StandardCharsets.UTF_8);
    var out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(8 + body.length);
    out.writeInt(PROTOCOL);
    out.write(body);
    out.flush();
    var in = new DataInputStream(socket.getInputStream());
    int type = in.readUnsignedByte();
    if (type != AUTHENTICATION) {
      throw new IOException("the server does not ask for a password, but says " + (char) type);
    }
    in.readNBytes(in.readInt() - 4);
  }

  /** Whether the server has ended it, or does within this time. */
  public boolean isEnded(Duration within) throws IOException {
    socket.setSoTimeout((int) within.toMillis());
    try {
      // What is left of a last message, then the end.
      while (socket.getInputStream().read() >= 0) {}
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (java.net.SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
