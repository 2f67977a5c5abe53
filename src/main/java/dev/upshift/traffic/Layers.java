package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
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
  public void inspect() {
    layers.forEach(TrafficSwitch::inspect);
  }

  @Override
  public Snapshot snapshot() {
    var places = new TreeMap<String, String>();
    layers.forEach(layer -> places.putAll(layer.snapshot().places()));
    return new Snapshot(places);
  }

  @Override
  public void ready(Map<String, String> nameToAddress) {
    layers.forEach(layer -> layer.ready(nameToAddress));
  }

  @Override
  public void forget() {
    layers.forEach(TrafficSwitch::forget);
  }

  @Override
  public void point(Map<String, String> nameToAddress) {
    all(layer -> layer.point(nameToAddress));
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
    all(layer -> layer.restore(snapshot));
  }

  /** One that fails keeps none of the others from its work: each leads clients of its own. */
  private void all(Consumer<TrafficSwitch> work) {
    var failures = new ArrayList<WorldError>();
    for (var layer : layers) {
      try {
        work.accept(layer);
      } catch (WorldError e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      var first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }
}
