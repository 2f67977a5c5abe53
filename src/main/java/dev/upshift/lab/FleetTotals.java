package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the processes of the fleets have counted; at most some seconds old.
 *
 * @param visitors the visitors, if there are any
 * @param workers each worker, by its name
 */
public record FleetTotals(Optional<VisitorTotals> visitors, Map<String, WorkerTotals> workers) {

  /**
   * What the visitors have seen.
   *
   * @param ended whether they have gone
   * @param seconds how long they have come
   * @param errors failed requests, by path and kind
   */
  public record VisitorTotals(
      boolean ended, double seconds, Requests reads, Requests writes, Map<String, Long> errors) {}

  /**
   * How requests ended.
   *
   * @param ok answered as it should be
   * @param resting writes that were asked to come back later
   * @param failed every other answer, or none
   * @param skipped not sent because too many were under way
   * @param longestMillis the longest time a request took, from the moment it was due
   * @param longestStallMillis the longest time without a good answer
   */
  public record Requests(
      long ok,
      long resting,
      long failed,
      long skipped,
      long longestMillis,
      long longestStallMillis) {}

  /**
   * What a worker has done.
   *
   * @param counts rounds, done, failed, connected
   * @param errorsByState failed rounds by SQLSTATE
   */
  public record WorkerTotals(Map<String, Long> counts, Map<String, Long> errorsByState) {}

  static FleetTotals read(LabPlan plan) {
    var workers = new TreeMap<String, WorkerTotals>();
    Stream.concat(LabPlan.WORKERS.stream(), Stream.of(LabPlan.LOGIN))
        .forEach(name ->
            read(plan.folder().totals(name), WorkerTotals.class)
                .ifPresent(totals -> workers.put(name, totals)));
    return new FleetTotals(
        read(plan.folder().totals(LabPlan.VISITORS), VisitorTotals.class), workers);
  }

  private static <T> Optional<T> read(Path file, Class<T> type) {
    try {
      return Optional.of(JsonMapper.shared().readValue(Files.readString(file), type));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | JacksonException e) {
      throw new WorldError("this machine", file + " cannot be read: " + e.getMessage(), "", e);
    }
  }
}
