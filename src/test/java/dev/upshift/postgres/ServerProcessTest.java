package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of a postmaster's children are clients': only those are ended. */
class ServerProcessTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres: archiver",
        "postgres: archiver last was 000000010000000000000003",
        "postgres: autovacuum launcher",
        "postgres: autovacuum worker podcasts",
        "postgres: background writer",
        "postgres: checkpointer",
        "postgres: io worker 0",
        "postgres: logger",
        "postgres: logical replication launcher",
        "postgres: logical replication worker for subscription 16394",
        "postgres: logical replication apply worker for subscription 16394",
        "postgres: logical replication tablesync worker for subscription 16394 sync 16385",
        "postgres: logical replication parallel apply worker for subscription 16394",
        "postgres: parallel worker for PID 4711",
        "postgres: slotsync worker",
        "postgres: startup recovering 000000010000000000000003",
        "postgres: startup",
        "postgres: stats collector",
        "postgres: walreceiver streaming 0/3000148",
        "postgres: walsender upshift 127.0.0.14(40312) streaming 0/3000148",
        "postgres: walsender postgres [local] idle",
        "postgres: walsummarizer",
        "postgres: walwriter",
        "postgres: main: checkpointer",
        "postgres: 15/main: walwriter",
        "postgres: 15/main: walsender upshift 10.0.0.14(40312) streaming 0/3000148",
      })
  void shouldSpareTheServersOwn(String title) {
    assertThat(isServerProcess(title)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres: app podcasts 127.0.0.1(51514) idle",
        "postgres: app podcasts 127.0.0.1(51514) idle in transaction",
        "postgres: app podcasts 127.0.0.1(51514) authentication",
        "postgres: [unknown] [unknown] 127.0.0.1(51514) initializing",
        "postgres: app podcasts [local] SELECT",
        "postgres: app podcasts ::1(51514) INSERT waiting",
        "postgres: app podcasts fe80::17(51514) idle",
        "postgres: main: app podcasts 127.0.0.1(51514) idle",
        "postgres: 15/main: app podcasts ::1(51514) idle",
        "postgres",
      })
  void shouldTakeEveryOtherForAClient(String title) {
    assertThat(isServerProcess(title)).isFalse();
  }

  private static boolean isServerProcess(String title) {
    return pattern().matcher(title).matches();
  }

  private static Pattern pattern() {
    try {
      var field = Clients.class.getDeclaredField("SERVER_PROCESS");
      field.setAccessible(true);
      return (Pattern) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Clients has no SERVER_PROCESS any more", e);
    }
  }
}
