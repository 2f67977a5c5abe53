package dev.upshift.traffic;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Several things that lead clients, as one: each looks after the names that are its own. */
public record Layers(List<TrafficSwitch> layers) implements TrafficSwitch {

  public Layers {
    layers = List.copyOf(layers);
  }

  @Override
  public Set<String> names() {
    return layers.stream()
        .flatMap(layer -> layer.names().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Snapshot snapshot() {
    var places = new TreeMap<String, String>();
    layers.forEach(layer -> places.putAll(layer.snapshot().places()));
    return new Snapshot(places);
  }

  @Override
  public void point(Map<String, String> nameToAddress) {
    layers.forEach(layer -> layer.point(nameToAddress));
  }

  @Override
  public boolean leads(Map<String, String> nameToAddress) {
    return layers.stream().allMatch(layer -> layer.leads(nameToAddress));
  }

  @Override
  public List<String> away() {
    return layers.stream().flatMap(layer -> layer.away().stream()).toList();
  }

  @Override
  public void restore(Snapshot snapshot) {
    layers.forEach(layer -> layer.restore(snapshot));
  }
}
