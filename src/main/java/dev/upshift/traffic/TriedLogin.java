package dev.upshift.traffic;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A pooler's login at a server, tried as one of its clients' users.
 *
 * @param where the process of PgBouncer
 * @param entry whose clients they are
 * @param user as whom; empty where nobody is known
 * @param address the server
 * @param answer how it went
 */
public record TriedLogin(String where, String entry, String user, String address, Answer answer) {

  /** How it went. */
  public sealed interface Answer {
    /** It gets in. */
    record In() implements Answer {}

    /**
     * It does not, but gets in where the entry leads now.
     *
     * @param why in the server's or the pooler's words
     */
    record Refused(String why) implements Answer {
      private static final Pattern LITERAL =
          Pattern.compile("(?<![0-9A-Za-z.:])[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+");

      /**
       * The address that the server sees the pooler at, where its words have one: those of
       * pg_hba.conf do (ClientAuthentication, auth.c), in whatever language.
       */
      Optional<InetAddress> from() {
        return LITERAL
            .matcher(why)
            .results()
            .flatMap(found -> literal(found.group()).stream())
            .findFirst();
      }

      private static Optional<InetAddress> literal(String text) {
        try {
          return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
          return Optional.empty();
        }
      }
    }

    /** It cannot be said: the same way does not lead in where the entry leads now, either. */
    record Unknown(String why) implements Answer {}
  }

  /** What keeps it out, in a line. */
  public Optional<String> refusal() {
    return answer instanceof Answer.Refused(var why) ? Optional.of(line(why)) : Optional.empty();
  }

  /** Why it could not be tried, in a line. */
  public Optional<String> unknown() {
    return answer instanceof Answer.Unknown(var why) ? Optional.of(line(why)) : Optional.empty();
  }

  /** Where the server that refuses it sees it come from, where it says so. */
  public Optional<InetAddress> refusedFrom() {
    return answer instanceof Answer.Refused refused ? refused.from() : Optional.empty();
  }

  private String line(String why) {
    return where + ", entry " + entry + (user.isEmpty() ? "" : " as " + user) + ": " + why;
  }
}
