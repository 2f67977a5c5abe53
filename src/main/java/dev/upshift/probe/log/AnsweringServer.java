package dev.upshift.probe.log;

/**
 * The server that answered, in its own words.
 *
 * @param address inet_server_addr(), "" when it did not say (no answer, or a Unix socket)
 * @param versionNum server_version_num, e.g. 150018; 0 when it did not say
 * @param systemIdentifier of its data directory; "" for reads, and where the role may not read it
 */
public record AnsweringServer(String address, int versionNum, String systemIdentifier) {
  /** Nobody answered. */
  public static final AnsweringServer NONE = new AnsweringServer("", 0, "");
}
