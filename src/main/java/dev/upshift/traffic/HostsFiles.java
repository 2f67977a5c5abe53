package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Host;
import dev.upshift.host.Staged;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The hosts files of some application servers, all of them at once. They are led in two moves: the
 * new files are written beside the old ones and brought to the disk everywhere, and only when all
 * lie ready they are put in their places. Only the managed names are changed; a copy of each file
 * as it was is kept beside it until it is restored.
 *
 * <p>A server that may be away is left out where it cannot be reached, and is told by {@link
 * #away}.
 */
public final class HostsFiles implements TrafficSwitch {

  /**
   * The hosts file of one application server.
   *
   * @param mayBeAway whether the others are led where this one cannot be reached
   */
  public record Place(Host host, Path file, boolean mayBeAway) {
    /** The file of a server that must be there. */
    public Place(Host host, Path file) {
      this(host, file, false);
    }

    Path backup() {
      return file.resolveSibling(file.getFileName() + ".before-upshift");
    }
  }

  /** What a server may take that others do not wait for. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** The same for one without which nothing goes on, and a disk that is busy. */
  private static final Duration NEEDED_PATIENCE = Duration.ofSeconds(10);

  /** What one may take where nobody waits: time to log in. */
  private static final Duration LOOK_PATIENCE = Duration.ofSeconds(20);

  private final List<Place> places;
  private final Set<String> names;
  private final Away away;
  private final Map<Place, Prepared> prepared = new ConcurrentHashMap<>();

  /** These names in these files, none of which may be away. */
  public HostsFiles(List<Place> places, Set<String> names) {
    this(places, names, new Away());
  }

  /**
   * These names in these files.
   *
   * @param away what is known of servers that cannot be reached
   */
  public HostsFiles(List<Place> places, Set<String> names, Away away) {
    this.places = List.copyOf(places);
    this.names = Set.copyOf(names);
    this.away = away;
  }

  @Override
  public Set<String> names() {
    return names;
  }

  private Map<String, String> own(Map<String, String> nameToAddress) {
    var own = new TreeMap<>(nameToAddress);
    own.keySet().retainAll(names);
    return own;
  }

  /** The same on every server that is there; the others are noted. */
  private <R> Map<Place, R> each(
      Collection<Place> those, Duration patience, Function<Place, R> work) {
    return each(those, patience, work, _ -> {});
  }

  private <R> Map<Place, R> each(
      Collection<Place> those, Duration patience, Function<Place, R> work, Consumer<R> late) {
    var there =
        those.stream()
            .filter(place -> !place.mayBeAway() || away.why(place.host().name()).isEmpty())
            .toList();
    return within(place -> place.mayBeAway() ? patience : NEEDED_PATIENCE, there, work, late);
  }

  /**
   * The same where clients do not wait: who was away a moment ago may be back, and is asked, not
   * for long. Who is not back is noted anew, for the hold that follows.
   */
  private <R> Map<Place, R> eachOnce(List<Place> those, Function<Place, R> work) {
    return within(
        place -> {
          if (!place.mayBeAway()) {
            return NEEDED_PATIENCE;
          }
          return away.why(place.host().name()).isEmpty() ? LOOK_PATIENCE : PATIENCE;
        },
        those,
        work,
        _ -> {});
  }

  private <R> Map<Place, R> within(
      Function<Place, Duration> patience,
      List<Place> there,
      Function<Place, R> work,
      Consumer<R> late) {
    var done = new LinkedHashMap<Place, R>();
    AtOnce.eachWithin(patience, there, work, late)
        .forEach((place, answer) -> {
          switch (answer) {
            case AtOnce.Answer.Came<R>(var value) -> {
              away.clear(place.host().name());
              done.put(place, value);
            }
            case AtOnce.Answer.None<R>(var why) -> miss(place, why);
          }
        });
    return done;
  }

  private void miss(Place place, WorldError why) {
    if (!place.mayBeAway()) {
      throw new WorldError(
          place.host().name(),
          place.file() + ": " + why.what(),
          why.hint().isEmpty() ? "can the machine be reached?" : why.hint(),
          why);
    }
    away.note(place.host().name(), why.what());
  }

  @Override
  public List<String> away() {
    return places.stream()
        .flatMap(place ->
            away.why(place.host().name()).map(why -> place.host().name() + ": " + why).stream())
        .distinct()
        .toList();
  }

  @Override
  public Snapshot snapshot() {
    var texts = new TreeMap<String, String>();
    eachOnce(places, HostsFiles::text)
        .forEach((place, text) -> texts.put(place.host().name(), text));
    return new Snapshot(texts);
  }

  /** New files lie ready beside the old ones. */
  @Override
  public void ready(Map<String, String> nameToAddress) {
    forget();
    var own = own(nameToAddress);
    each(
        places,
        LOOK_PATIENCE,
        place -> {
          prepare(place, own);
          return true;
        });
  }

  private void prepare(Place place, Map<String, String> own) {
    var now = text(place);
    boolean hadBackup = keepBackup(place, now);
    var then = HostsText.parse(now).pointing(own).text();
    prepared.put(place, new Prepared(then, stageText(place, then), !hadBackup));
  }

  @Override
  public void forget() {
    AtOnce.eachWithin(
        _ -> PATIENCE,
        List.copyOf(prepared.keySet()),
        place -> {
          Optional.ofNullable(prepared.remove(place)).ifPresent(one -> one.discard(place));
          return true;
        },
        _ -> {});
  }

  @Override
  public void point(Map<String, String> nameToAddress) {
    var own = own(nameToAddress);
    var staged = new ConcurrentHashMap<Place, Staged>();
    try {
      var ready =
          each(
              places,
              PATIENCE,
              place -> {
                var one = stage(place, own);
                one.ifPresent(it -> staged.put(place, it));
                return one;
              },
              late -> late.ifPresent(Staged::close));
      each(
          ready.keySet(),
          PATIENCE,
          place -> {
            Objects.requireNonNull(ready.get(place)).ifPresent(Staged::commit);
            return true;
          });
    } finally {
      // What was not put in its place does not stay beside it; where it must, that is no failure.
      AtOnce.eachWithin(
          _ -> PATIENCE,
          List.copyOf(staged.keySet()),
          place -> {
            Objects.requireNonNull(staged.get(place)).close();
            return true;
          },
          _ -> {});
    }
  }

  /**
   * What is to be put in a file's place; nothing where it leads there already. What lay ready is
   * used where it is still what the file is to become.
   */
  private Optional<Staged> stage(Place place, Map<String, String> own) {
    var now = text(place);
    var ready = Optional.ofNullable(prepared.remove(place));
    if (leads(now, own)) {
      ready.ifPresent(one -> one.discard(place));
      return Optional.empty();
    }
    var then = HostsText.parse(now).pointing(own).text();
    if (ready.filter(one -> one.then().equals(then)).isPresent()) {
      return ready.map(Prepared::staged);
    }
    ready.ifPresent(one -> one.staged().close());
    keepBackup(place, now);
    return Optional.of(stageText(place, then));
  }

  private static Staged stageText(Place place, String text) {
    return place.host().stage(place.file(), text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * A file's new content that lies ready.
   *
   * @param madeBackup whether the copy beside the file was made for it
   */
  private record Prepared(String then, Staged staged, boolean madeBackup) {
    void discard(Place place) {
      staged.close();
      if (madeBackup) {
        place.host().remove(place.backup());
      }
    }
  }

  @Override
  public boolean leads(Map<String, String> nameToAddress) {
    var own = own(nameToAddress);
    return each(places, PATIENCE, place -> leads(text(place), own)).values().stream()
        .allMatch(leads -> leads);
  }

  private static boolean leads(String text, Map<String, String> nameToAddress) {
    return HostsText.parse(text).addresses(nameToAddress.keySet()).equals(nameToAddress);
  }

  @Override
  public void restore(Snapshot snapshot) {
    var known =
        places.stream()
            .filter(place -> snapshot.places().containsKey(place.host().name()))
            .toList();
    var led = new LinkedHashSet<Map<String, String>>();
    known.forEach(place -> led.add(HostsText.parse(then(snapshot, place)).addresses(names)));
    eachOnce(
        known,
        place -> {
          restore(place, then(snapshot, place));
          return true;
        });
    if (led.size() == 1) {
      restoreLikeOthers(
          places.stream().filter(place -> !known.contains(place)).toList(), led.getFirst());
    }
  }

  private static String then(Snapshot snapshot, Place place) {
    return Objects.requireNonNull(snapshot.places().get(place.host().name()));
  }

  /**
   * Who was away when the snapshot was made may have been led with the others since: he is led back
   * to where they are, after them.
   */
  private void restoreLikeOthers(List<Place> late, Map<String, String> led) {
    eachOnce(
        late,
        place -> {
          var now = text(place);
          if (!leads(now, led)) {
            write(place, HostsText.parse(now).pointing(led).text());
          }
          place.host().remove(place.backup());
          return true;
        });
  }

  private void restore(Place place, String before) {
    var now = text(place);
    if (!now.equals(before)) {
      write(place, withoutOurs(now, before));
    }
    place.host().remove(place.backup());
  }

  /**
   * Where only our own change lies between the two, every byte comes back. Otherwise somebody has
   * edited the file since, and keeps what he wrote: only the names are led back.
   */
  private String withoutOurs(String now, String before) {
    var ours = HostsText.parse(before).pointing(HostsText.parse(now).addresses(names)).text();
    return ours.equals(now)
        ? before
        : HostsText.parse(now).pointing(HostsText.parse(before).addresses(names)).text();
  }

  /** Whether there was one already. */
  private static boolean keepBackup(Place place, String text) {
    boolean had = place.host().exists(place.backup());
    if (!had) {
      place.host().replace(place.backup(), text.getBytes(StandardCharsets.ISO_8859_1));
    }
    return had;
  }

  private static void write(Place place, String text) {
    place.host().replace(place.file(), text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(Place place) {
    return place
        .host()
        .read(place.file())
        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
        .orElseThrow(() ->
            new WorldError(
                place.host().name(),
                "there is no hosts file " + place.file(),
                "correct traffic.hosts-file.path"));
  }
}
