package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The hosts files of some application servers. Only the managed names are changed; a copy of each
 * file as it was is kept beside it until it is restored.
 */
public final class HostsFiles implements TrafficSwitch {

  /** The hosts file of one application server. */
  public record Place(Host host, Path file) {
    Path backup() {
      return file.resolveSibling(file.getFileName() + ".before-upshift");
    }
  }

  private final List<Place> places;
  private final Set<String> names;

  /** These names in these files. */
  public HostsFiles(List<Place> places, Set<String> names) {
    this.places = List.copyOf(places);
    this.names = Set.copyOf(names);
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

  @Override
  public Snapshot snapshot() {
    var texts = new TreeMap<String, String>();
    places.forEach(place -> texts.put(place.host().name(), text(place)));
    return new Snapshot(texts);
  }

  @Override
  public void point(Map<String, String> nameToAddress) {
    var own = own(nameToAddress);
    for (var place : places) {
      var now = text(place);
      if (!leads(now, own)) {
        keepBackup(place, now);
        write(place, HostsText.parse(now).pointing(own).text());
      }
    }
  }

  @Override
  public boolean leads(Map<String, String> nameToAddress) {
    var own = own(nameToAddress);
    return places.stream().allMatch(place -> leads(text(place), own));
  }

  private static boolean leads(String text, Map<String, String> nameToAddress) {
    return HostsText.parse(text).addresses(nameToAddress.keySet()).equals(nameToAddress);
  }

  @Override
  public void restore(Snapshot snapshot) {
    for (var place : places) {
      var before = snapshot.places().get(place.host().name());
      if (before != null) {
        restore(place, before);
      }
    }
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

  private static void keepBackup(Place place, String text) {
    if (!place.host().exists(place.backup())) {
      place.host().replace(place.backup(), text.getBytes(StandardCharsets.ISO_8859_1));
    }
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
