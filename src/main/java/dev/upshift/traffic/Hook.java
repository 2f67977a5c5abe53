package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.Output;
import dev.upshift.host.TrustedProgram;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a program of the operator's leads: names in a DNS, in Consul, at a cloud's balancer. Its
 * contract is in docs/hook.md: {@code show NAME} prints where the name leads, {@code lead PHASE
 * NAME FROM TO} leads it elsewhere, and may be repeated.
 */
public final class Hook implements TrafficSwitch {
  /** Led to the park, to the side that will serve, or to standbys. */
  private static final String POINT = "point";

  /** Led back to where it was. */
  private static final String RESTORE = "restore";

  private final Host host;
  private final List<String> command;
  private final Duration limit;
  private final Set<String> names;

  /** Where names would lead now, in a dry run. */
  private final Map<String, String> wouldLead = new ConcurrentHashMap<>();

  /**
   * These names, by this program.
   *
   * @param host the machine it runs on
   * @param command the program and what stands before its own arguments
   * @param limit what one call may take
   */
  public Hook(Host host, List<String> command, Duration limit, Set<String> names) {
    this.host = host;
    this.command = List.copyOf(command);
    this.limit = limit;
    this.names = Set.copyOf(names);
  }

  @Override
  public Set<String> names() {
    return names;
  }

  private Command called(Object... arguments) {
    return Command.of(command).with(arguments).within(limit);
  }

  private String address(String name) {
    var would = wouldLead.get(name);
    if (would != null) {
      return would;
    }
    var output = host.ask(called("show", name));
    var said = output.out().strip();
    if (!output.ok() || said.isEmpty() || said.lines().count() != 1) {
      throw failed(output, "does not say where " + name + " leads");
    }
    return said;
  }

  private WorldError failed(Output output, String what) {
    return new WorldError(
        host.name(),
        "the hook '%s' %s: exit code %d, %s"
            .formatted(
                output.command(),
                what,
                output.exit(),
                output.err().isBlank()
                    ? "it printed '" + output.out().strip() + "'"
                    : output.err().strip()),
        "try it by hand; its contract is in docs/hook.md");
  }

  private void lead(String phase, String name, String to) {
    var from = address(name);
    if (isAt(from, to)) {
      return;
    }
    var output = host.attempt(called("lead", phase, name, from, to));
    if (!output.ok()) {
      throw failed(output, "did not lead " + name + " to " + to);
    }
    if (host.onlyShows()) {
      wouldLead.put(name, to);
    }
  }

  private static boolean isAt(String now, String to) {
    return now.equals(to) || Target.parse(to).isMetBy(Target.parse(now));
  }

  private Map<String, String> own(Map<String, String> nameToAddress) {
    var own = new TreeMap<>(nameToAddress);
    own.keySet().retainAll(names);
    return own;
  }

  /** Nobody else may change the program's files. */
  @Override
  public void inspect() {
    TrustedProgram.require(host, command);
  }

  @Override
  public Snapshot snapshot() {
    inspect();
    var places = new TreeMap<String, String>();
    AtOnce.each(List.copyOf(names), name -> Map.entry(name, address(name)))
        .forEach(found -> places.put(key(found.getKey()), found.getValue()));
    return new Snapshot(places);
  }

  private String key(String name) {
    return "hook " + host.name() + " " + name;
  }

  /** It answers, and is in the machine's cache. */
  @Override
  public void ready(Map<String, String> nameToAddress) {
    inspect();
    AtOnce.each(List.copyOf(own(nameToAddress).keySet()), this::address);
  }

  @Override
  public void forget() {}

  @Override
  public void point(Map<String, String> nameToAddress) {
    leadAll(POINT, own(nameToAddress));
  }

  private void leadAll(String phase, Map<String, String> nameToAddress) {
    AtOnce.each(
        List.copyOf(nameToAddress.keySet()),
        name -> {
          lead(phase, name, Objects.requireNonNull(nameToAddress.get(name)));
          return true;
        });
  }

  @Override
  public boolean leads(Map<String, String> nameToAddress) {
    var own = own(nameToAddress);
    return AtOnce.each(
            List.copyOf(own.keySet()),
            name -> isAt(address(name), Objects.requireNonNull(own.get(name))))
        .stream()
        .allMatch(leads -> leads);
  }

  @Override
  public void restore(Snapshot snapshot) {
    var before = new TreeMap<String, String>();
    names.forEach(name ->
        Optional.ofNullable(snapshot.places().get(key(name)))
            .ifPresent(address -> before.put(name, address)));
    leadAll(RESTORE, before);
  }
}
