package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Clock;
import java.sql.SQLException;
import java.time.Duration;

/** Asks again for a lock that was not to be had soon (SQLSTATE 55P03). */
final class Patience {
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final Duration PAUSE = Duration.ofMillis(200);

  private Patience() {}

  static void times(int times, Runnable work) {
    for (int i = 1; ; i++) {
      try {
        work.run();
        return;
      } catch (WorldError e) {
        boolean busy =
            e.getCause() instanceof SQLException sql
                && LOCK_NOT_AVAILABLE.equals(sql.getSQLState());
        if (!busy || i >= times) {
          throw e;
        }
        Clock.system().sleep(PAUSE);
      }
    }
  }
}
