package dev.upshift.topology;

import dev.upshift.failure.InputError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Gathers what is wrong with one file, so that the operator sees all of it at once. */
final class Complaints {
  private record Complaint(Place place, String what, String hint) {}

  private final Path file;
  private final List<Complaint> all = new ArrayList<>();

  Complaints(Path file) {
    this.file = file;
  }

  void add(Place place, String what, String hint) {
    all.add(new Complaint(place, what, hint));
  }

  int count() {
    return all.size();
  }

  /** Whether something was said of this key, or of what is in it. */
  boolean areAbout(String key) {
    return all.stream()
        .anyMatch(complaint ->
            complaint.what().startsWith("'" + key + "'")
                || complaint.what().startsWith("'" + key + "."));
  }

  /** Throws all that was gathered as one failure, in the order of the file. */
  void throwIfAny() {
    if (all.isEmpty()) {
      return;
    }
    if (all.size() == 1) {
      throw new InputError(located(all.getFirst()), all.getFirst().hint());
    }
    var lines =
        all.stream()
            .sorted(Comparator.comparing(Complaint::place))
            .map(complaint -> located(complaint) + " (HINT: " + complaint.hint() + ")")
            .distinct()
            .collect(Collectors.joining("\n"));
    throw new InputError(
        lines, "correct these places and try again; 'upshift schema' prints every key");
  }

  private String located(Complaint complaint) {
    var place = complaint.place();
    return file + ":" + place.line() + ":" + place.column() + ": " + complaint.what();
  }
}
