package dev.upshift.postgres;

/**
 * Refuses changes of the schema while another server follows by logical replication, which carries
 * none of them. Sessions with session_replication_role = replica, ours, are exempt: an event
 * trigger does not fire for them. What belongs to a session (temporary tables) or changes nothing
 * that is to be carried (REFRESH, REINDEX, ANALYZE) goes through. Roles, databases and tablespaces
 * raise no event; they are found by the fingerprint.
 */
public final class DdlGuard {
  private static final String FUNCTION =
      """
      CREATE OR REPLACE FUNCTION upshift.guard_ddl() RETURNS event_trigger
      LANGUAGE plpgsql SET search_path = pg_catalog AS $$
      DECLARE
        what record;
      BEGIN
        IF tg_event = 'ddl_command_start' THEN
          -- What commits as it goes cannot be refused at its end: an invalid index would stay.
          IF current_query() ~* '\\mconcurrently\\M' AND tg_tag <> 'REFRESH MATERIALIZED VIEW' AND tg_tag <> 'REINDEX' THEN
            RAISE EXCEPTION '{what}', tg_tag
              USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'It works concurrently, and could not be taken back.',
                HINT = '{hint}';
          END IF;
        ELSIF tg_event = 'sql_drop' THEN
          FOR what IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
            IF NOT what.is_temporary AND what.original AND what.schema_name IS DISTINCT FROM 'upshift'
                AND coalesce(what.schema_name, '') !~ '^pg_(toast_)?temp' AND what.object_identity !~ '^pg_temp' THEN
              RAISE EXCEPTION '{what}', tg_tag
                USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It drops %s %s.', what.object_type, what.object_identity),
                  HINT = '{hint}';
            END IF;
          END LOOP;
        ELSIF tg_tag NOT IN ('REFRESH MATERIALIZED VIEW', 'REINDEX', 'ANALYZE') THEN
          FOR what IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
            IF coalesce(what.schema_name, '') NOT IN ('pg_temp', 'upshift') AND coalesce(what.schema_name, '') !~ '^pg_(toast_)?temp' THEN
              RAISE EXCEPTION '{what}', tg_tag
                USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('It is about %s %s.', what.object_type, what.object_identity),
                  HINT = '{hint}';
            END IF;
          END LOOP;
        END IF;
      END
      $$
      """;

  private static final String ON_END =
      "CREATE EVENT TRIGGER upshift_guard ON ddl_command_end EXECUTE PROCEDURE upshift.guard_ddl()";
  private static final String ON_DROP =
      "CREATE EVENT TRIGGER upshift_guard_drop ON sql_drop EXECUTE PROCEDURE upshift.guard_ddl()";
  private static final String ON_START =
      "CREATE EVENT TRIGGER upshift_guard_start ON ddl_command_start WHEN TAG IN ('CREATE INDEX', 'DROP INDEX', 'ALTER TABLE') EXECUTE PROCEDURE upshift.guard_ddl()";
  private static final String THERE =
      "SELECT count(*) FROM pg_event_trigger WHERE evtname IN ('upshift_guard', 'upshift_guard_drop', 'upshift_guard_start')";

  /** What the schema is guarded for, in the words that whoever changes it will read. */
  public enum Reason {
    /** The new version follows. */
    UPGRADE(
        "upshift: this cluster is being upgraded, and % would not be carried to the new version",
        "Wait until the upgrade is finished, or ask who runs it: upshift undo takes the upgrade back."),
    /** The side that was left follows. */
    WAY_BACK(
        "upshift: the way back of this cluster is open, and % would not be carried there",
        "DDL closes the way back: upshift finish does that, and lifts this guard.");

    private final String what;
    private final String hint;

    Reason(String what, String hint) {
      this.what = what;
      this.hint = hint;
    }
  }

  private DdlGuard() {}

  /** Sets it up in a database, anew where it is there. */
  public static void install(Sql session, Reason reason) {
    remove(session);
    session.execute(FUNCTION.replace("{what}", reason.what).replace("{hint}", reason.hint));
    session.execute(ON_END);
    session.execute(ON_DROP);
    session.execute(ON_START);
  }

  /** Takes it out of a database; does nothing where it is not. */
  public static void remove(Sql session) {
    session.execute("DROP EVENT TRIGGER IF EXISTS upshift_guard");
    session.execute("DROP EVENT TRIGGER IF EXISTS upshift_guard_drop");
    session.execute("DROP EVENT TRIGGER IF EXISTS upshift_guard_start");
    session.execute("DROP FUNCTION IF EXISTS upshift.guard_ddl()");
  }

  /** Whether it stands in a database. */
  public static boolean stands(Sql session) {
    return session.value(THERE).orElse("").equals("3");
  }
}
