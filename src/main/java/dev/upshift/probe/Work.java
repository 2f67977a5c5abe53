package dev.upshift.probe;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What one attempt asks of a server, in the order in which it asks. */
interface Work {
  /**
   * The first exchange: asks for nothing yet. If a held connection breaks here, the session had
   * ended before the server answered anything of this attempt, provably, because nothing that
   * matters had been sent.
   *
   * @param held whether the connection was opened by an earlier attempt
   */
  void greet(Connection connection, boolean held) throws SQLException;

  /** Whether the attempt may be carried out twice without anybody noticing. */
  boolean mayRepeat();

  /** The ending, if the attempt turns out to have been done already; asked on a second try. */
  Optional<Ending> findDone(Connection connection, long n) throws SQLException;

  /**
   * The attempt itself.
   *
   * @throws SQLException when it failed for certain
   */
  Ending carryOut(Connection connection, long n) throws SQLException;
}
