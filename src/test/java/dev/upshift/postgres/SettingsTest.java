package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.topology.PgVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a new cluster takes over, under which name, and what it leaves. */
class SettingsTest {
  private static final Set<String> KNOWN =
      Set.of(
          "work_mem",
          "port",
          "archive_mode",
          "wal_keep_size",
          "debug_parallel_query",
          "ssl_groups",
          "synchronous_standby_names",
          "recovery_target_lsn");

  @Test
  void shouldCarryWhatTheNewVersionKnows() {
    assertThat(sort(18, "work_mem", "64MB").carried()).isEqualTo(Map.of("work_mem", "64MB"));
  }

  @Test
  void shouldLeaveWhatTheNewVersionHasRemoved() {
    var sorted = sort(18, "vacuum_defer_cleanup_age", "10", "replacement_sort_tuples", "1");
    assertThat(sorted.carried()).isEmpty();
    assertThat(sorted.left())
        .containsOnlyKeys("vacuum_defer_cleanup_age", "replacement_sort_tuples")
        .containsValue("unknown to version 18");
  }

  @Test
  void shouldCarryUnderTheNewName() {
    assertThat(sort(16, "force_parallel_mode", "on").carried())
        .isEqualTo(Map.of("debug_parallel_query", "on"));
    assertThat(sort(18, "ssl_ecdh_curve", "prime256v1").carried())
        .isEqualTo(Map.of("ssl_groups", "prime256v1"));
    assertThat(sort(15, "force_parallel_mode", "on").carried()).isEmpty();
  }

  @Test
  void shouldCountSegmentsInMegabytes() {
    assertThat(sort(15, "wal_keep_segments", "64").carried())
        .isEqualTo(Map.of("wal_keep_size", "1024MB"));
  }

  @Test
  void shouldNeverCarryWhatBelongsToOneServerOrMoment() {
    var sorted =
        sort(
            18,
            "port",
            "5432",
            "archive_mode",
            "on",
            "primary_conninfo",
            "host=db1",
            "synchronous_standby_names",
            "ANY 1 (*)",
            "recovery_target_lsn",
            "0/1");
    assertThat(sorted.carried()).isEmpty();
    assertThat(sorted.left()).hasSize(5).containsValue("belongs to the old server");
  }

  @Test
  void shouldCarryParametersOfExtensions() {
    assertThat(sort(18, "pg_stat_statements.max", "10000").carried())
        .isEqualTo(Map.of("pg_stat_statements.max", "10000"));
  }

  private static Settings sort(int version, String... namesAndValues) {
    var inForce = new LinkedHashMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      inForce.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return Settings.sort(inForce, KNOWN, PgVersion.of(version));
  }
}
