package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Holding and letting go the same pools of one process.
 *
 * @param mayCut whether a pool is cut off of which a client is connected in session mode: such a
 *     one is waited for otherwise, until he disconnects
 * @param cut the pools of which that is so, as {@link #open} has found
 */
record PoolerHold(Pooler pooler, List<String> pools, boolean mayCut, Set<String> cut) {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration SETTLE = Duration.ofSeconds(1);

  /** While connections are made, the process has better things to do than to answer us. */
  private static final Duration CALM_LOOK = Duration.ofMillis(50);

  private static final int SHOWN = 5;
  private static final String LATE = "could not be paused";

  /** Opens every console that holding and letting go need, and looks whose clients are cut off. */
  void open() {
    pooler.open(pools);
    cut.clear();
    if (mayCut) {
      pooler.show("POOLS").stream()
          .filter(row -> row.getOrDefault("pool_mode", "").equals("session"))
          .filter(row -> Pooler.number(row, "cl_active") + Pooler.number(row, "cl_waiting") > 0)
          .map(row -> row.getOrDefault("database", ""))
          .filter(pools::contains)
          .forEach(cut::add);
    }
  }

  /** Whether all of them are held, and their last transactions have ended. */
  boolean isHeld() {
    var entries = pooler.entries(Deadline.in(LIMIT));
    return pools.stream()
        .allMatch(
            pool -> Optional.ofNullable(entries.get(pool)).map(Pooler.Entry::isHeld).orElse(false));
  }

  /**
   * Makes ready for {@link #pause}; clients feel nothing of it.
   *
   * @throws WorldError when that has not come about before the deadline
   */
  void makeReady(Deadline deadline) {
    inTime(
        deadline,
        () -> {
          if (!pooler.calm(pools, deadline)) {
            throw late("a connection to its server is still being made", deadline);
          }
        });
  }

  /**
   * Holds them all at the same time, and waits until their last transactions have ended: PAUSE
   * answers only then. Those that are to be cut off are left to {@link #cutOff}. No pool of the
   * process grows until they are let go, or the process reads its configuration.
   *
   * @throws WorldError when that has not come about before the deadline; some may be held then, or
   *     become so later, until they are let go
   */
  void pause(Deadline deadline) {
    each(
        pools.stream().filter(pool -> !cut.contains(pool)).toList(),
        deadline,
        pool -> pooler.tellPause(pool, deadline));
  }

  /** Whether there is a pool that {@link #cutOff} holds. */
  boolean cutsOff() {
    return !cut.isEmpty();
  }

  /**
   * Holds those of which clients are connected in session mode, by cutting off all their clients:
   * to be done when all others are held.
   *
   * @throws WorldError as {@link #pause}
   */
  void cutOff(Deadline deadline) {
    each(List.copyOf(cut), deadline, pool -> pooler.tellKill(pool, deadline));
  }

  private void each(List<String> some, Deadline deadline, Consumer<String> what) {
    var failure = AtOnce.untilOneFails(some, pool -> inTime(deadline, () -> what.accept(pool)));
    failure.ifPresent(first -> {
      throw first;
    });
  }

  private void inTime(Deadline deadline, Runnable work) {
    try {
      work.run();
    } catch (WorldError e) {
      throw deadline.passed() && !e.what().startsWith(LATE) ? late(e.what(), deadline) : e;
    }
  }

  private WorldError late(String what, Deadline deadline) {
    var limit = deadline.length().toMillis();
    return new WorldError(pooler.where(), LATE + " within " + limit + " ms: " + what, "");
  }

  /** Whose transactions are in the way of a pause, as far as the process still answers. */
  String inTheWay() {
    try {
      var busy =
          pooler.glance("SERVERS", pools).stream()
              .filter(row -> row.getOrDefault("state", "").equals("active"))
              .toList();
      var shown =
          busy.stream()
              .limit(SHOWN)
              .map(row ->
                  "%s of %s (backend %s of %s:%s, since %s)"
                      .formatted(
                          row.get("database"),
                          row.get("user"),
                          row.get("remote_pid"),
                          row.get("addr"),
                          row.get("port"),
                          row.get("request_time")))
              .collect(Collectors.joining("; "));
      return busy.isEmpty() ? "" : "; " + busy.size() + " server connections in use: " + shown;
    } catch (WorldError e) {
      return ""; // it does not answer, which is what the failure says already
    }
  }

  /**
   * Lets go whatever of them is held, and makes sure that it is. That a pool is not paused is no
   * failure: somebody else may have been quicker.
   *
   * @param allHeld whether all of them were seen to be held: then they are let go first, and looked
   *     at afterwards
   */
  void resume(boolean allHeld) {
    var last = new ArrayList<WorldError>();
    boolean done = allHeld && tryToResume(pools, last);
    if (!done && !Deadline.in(LIMIT).until(Pooler.LOOK_AGAIN, () -> tryToResume(last))) {
      sayItAllTheSame();
      var what = last.isEmpty() ? "it does not do so" : last.getLast().what();
      throw new WorldError(
          pooler.where(),
          "could not let go " + String.join(", ", pools) + ": " + what,
          "in its console: RELOAD, then RESUME <database>; SHOW DATABASES says which are paused");
    }
    var deadline = Deadline.in(LIMIT);
    pooler.brief().recover(deadline);
    Deadline.in(SETTLE).until(CALM_LOOK, this::serves);
    pooler.brief().back(deadline);
  }

  private boolean tryToResume(List<WorldError> last) {
    try {
      var paused = pooler.onlyShows() ? pools : paused();
      return paused.isEmpty() || tryToResume(paused, last);
    } catch (WorldError e) {
      last.add(e);
      return false;
    }
  }

  private boolean tryToResume(List<String> paused, List<WorldError> last) {
    try {
      var deadline = Deadline.in(LIMIT);
      pooler.brief().back(deadline);
      pooler
          .brief()
          .setAnd(
              BriefSettings.NO_DELAY,
              paused.stream()
                  .map(pool -> "RESUME " + AdminConsole.quoted(pool))
                  .collect(Collectors.joining("; ")),
              deadline);
      return pooler.onlyShows() || paused().isEmpty();
    } catch (WorldError e) {
      last.add(e);
      return false;
    }
  }

  /** Whether none of them is marked as paused. */
  boolean isLetGo() {
    return paused().isEmpty();
  }

  /** Marked as paused, held or not. */
  private List<String> paused() {
    var entries = pooler.entries();
    return pools.stream()
        .filter(
            pool -> Optional.ofNullable(entries.get(pool)).map(Pooler.Entry::paused).orElse(false))
        .toList();
  }

  /** Whether nobody waits for a connection to be made. */
  private boolean serves() {
    var deadline = Deadline.in(LIMIT);
    return pooler.sum(pools, "cl_waiting", deadline) == 0
        || pooler.sum(pools, "sv_active", deadline) + pooler.sum(pools, "sv_idle", deadline) > 0;
  }

  /**
   * To a process that does not answer: when it wakes up, it finds this behind the PAUSE that it has
   * not read yet either.
   */
  private void sayItAllTheSame() {
    for (var pool : pools) {
      try {
        pooler.tell("RESUME " + AdminConsole.quoted(pool), Deadline.in(Pooler.LOOK_AGAIN));
      } catch (WorldError e) {
        // Nobody expects an answer; that it did not let go is reported.
      }
    }
  }
}
