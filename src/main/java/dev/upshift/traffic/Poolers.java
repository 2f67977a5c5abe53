package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Host;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * All processes of PgBouncer, as one: what is held or led is so on every one of them. The names are
 * those of entries in {@code [databases]}; an address may have a port ({@code 10.0.0.14:5433},
 * {@code [::1]:5433}), and without one the entry keeps its own.
 *
 * <p>{@link #pause} holds the pools that are written to: their clients' statements wait and do not
 * fail. Those that are only read from are never held, because an entry that is led elsewhere by
 * RELOAD loses no statement either.
 */
public final class Poolers implements TrafficSwitch, AutoCloseable {

  /** Where a process runs, and its configuration there. */
  public record Place(Host host, Path config) {}

  /**
   * How the consoles are entered.
   *
   * @param psql a psql on each of the hosts, or where the consoles are spoken to from
   * @param user one of {@code admin_users}
   * @param passfile where psql finds the user's password
   * @param from the machine from which a console is spoken to, through its host's socket; empty for
   *     that host itself
   */
  public record Login(Path psql, String user, Path passfile, Optional<Host> from) {
    /** From the pooler's own host. */
    public Login(Path psql, String user, Path passfile) {
      this(psql, user, passfile, Optional.empty());
    }
  }

  /** Who is away keeps nobody from going on. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final List<Pooler> poolers;
  private final List<PoolerHold> holds;
  private final Set<String> names;
  private volatile boolean opened;
  private volatile boolean seenHeld;
  private final Map<Pooler, PoolerChange> prepared = new ConcurrentHashMap<>();

  /**
   * These processes.
   *
   * @param readWrite the entries that are written to
   * @param readOnly the entries that are only read from
   */
  public Poolers(List<Place> places, Login login, List<String> readWrite, Set<String> readOnly) {
    this(places, login, readWrite, readOnly, false);
  }

  /**
   * These processes.
   *
   * @param mayCut whether a pool with clients in session mode is held by cutting all its clients
   *     off
   */
  public Poolers(
      List<Place> places,
      Login login,
      List<String> readWrite,
      Set<String> readOnly,
      boolean mayCut) {
    this.poolers =
        places.stream().map(place -> new Pooler(place.host(), place.config(), login)).toList();
    var written = List.copyOf(readWrite);
    this.holds =
        poolers.stream()
            .map(pooler -> new PoolerHold(pooler, written, mayCut, ConcurrentHashMap.newKeySet()))
            .toList();
    this.names =
        Stream.concat(readWrite.stream(), readOnly.stream())
            .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }

  @Override
  public Set<String> names() {
    return names;
  }

  /**
   * Opens every console that holding and letting go will need, and tries it, so that nothing is
   * started while clients wait. What is open already stays open.
   */
  public void open() {
    AtOnce.each(
        holds,
        hold -> {
          hold.open();
          return true;
        });
    opened = true;
  }

  /**
   * Lets go the connections to servers that nobody uses, but one of each pool, from now on until
   * somebody is held and let go again, or {@link #keepIdle}: each that a hold finds is a process
   * that ends while clients wait, some 3 ms of a processor (PAUSE with and without, 35 and 12 ms:
   * two processors, 18 of them). Clients get what they use, made anew where it was let go.
   */
  public void closeIdle() {
    AtOnce.each(
        poolers,
        pooler -> {
          pooler.brief().closeIdle(Deadline.in(PATIENCE));
          return true;
        });
  }

  /** Keeps them again as the configuration says; a process that does not answer is left. */
  public void keepIdle() {
    var _ =
        AtOnce.eachWithin(
            _ -> PATIENCE,
            poolers,
            pooler -> {
              pooler.brief().back(Deadline.in(PATIENCE));
              return true;
            },
            _ -> {});
  }

  /** Closes the consoles; what is held stays held. */
  @Override
  public void close() {
    poolers.forEach(Pooler::close);
  }

  /**
   * Holds every pool that is written to, on all processes at the same time: statements that come
   * now wait, transactions that are under way are let end. When this returns, all are held; when it
   * throws, none is, as far as the processes can be reached.
   *
   * @param limitOfOneTry how long the last transaction may take to end
   * @throws WorldError naming the process that could not hold in time, and whom it waited for
   */
  public void pause(Duration limitOfOneTry) {
    if (!opened) {
      open(); // a run that is resumed
    }
    var deadline = Deadline.in(limitOfOneTry);
    var failure =
        AtOnce.untilOneFails(holds, hold -> hold.makeReady(deadline))
            .or(() -> AtOnce.untilOneFails(holds, hold -> hold.pause(deadline)))
            .or(() -> cutOff(deadline));
    if (failure.isPresent() || Thread.currentThread().isInterrupted()) {
      throw afterLettingGo(failure);
    }
  }

  /** As a rule there is nobody, and nothing is begun for that. */
  private Optional<RuntimeException> cutOff(Deadline deadline) {
    var cutting = holds.stream().filter(PoolerHold::cutsOff).toList();
    return cutting.isEmpty()
        ? Optional.empty()
        : AtOnce.untilOneFails(cutting, hold -> hold.cutOff(deadline));
  }

  /** A wish to end must not keep clients waiting. */
  private RuntimeException afterLettingGo(Optional<RuntimeException> failure) {
    boolean interrupted = Thread.interrupted();
    var inTheWay = new ConcurrentHashMap<String, String>();
    Optional<RuntimeException> second = Optional.empty();
    try {
      AtOnce.each(
          holds,
          hold -> {
            inTheWay.put(hold.pooler().where(), hold.inTheWay());
            hold.resume(false);
            return true;
          });
    } catch (WorldError e) {
      second = Optional.of(e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    var thrown =
        failure
            .map(first -> explained(first, inTheWay))
            .orElseGet(() -> new WorldError("the poolers", "holding was interrupted", ""));
    second.ifPresent(thrown::addSuppressed);
    return thrown;
  }

  private static RuntimeException explained(RuntimeException first, Map<String, String> inTheWay) {
    if (!(first instanceof WorldError world)) {
      return first;
    }
    return new WorldError(
        world.where(),
        world.what() + inTheWay.getOrDefault(world.where(), ""),
        "no pool is held; wait for what is in the way or end it, see that the process answers, and"
            + " try again",
        world);
  }

  /** Whether every pool that is written to is held, on every process. */
  public boolean isPaused() {
    seenHeld = AtOnce.each(holds, PoolerHold::isHeld).stream().allMatch(held -> held);
    return seenHeld;
  }

  /** Whether no pool is held on any process. */
  public boolean isReleased() {
    return AtOnce.each(holds, PoolerHold::isLetGo).stream().allMatch(free -> free);
  }

  /**
   * Lets go whatever of the pools is held, on all processes at the same time, and makes sure of it;
   * does nothing where nothing is held. A process that did not answer while it was to hold may have
   * held when it woke up: this is to be called until it succeeds.
   */
  public void resume() {
    boolean allHeld = seenHeld;
    seenHeld = false;
    AtOnce.each(
        holds,
        hold -> {
          hold.resume(allHeld);
          return true;
        });
  }

  /** Of each configuration only where the managed entries lead: others may hold passwords. */
  @Override
  public Snapshot snapshot() {
    var texts = new TreeMap<String, String>();
    poolers.forEach(pooler -> texts.put(pooler.where(), leading(pooler.ini()).text()));
    return new Snapshot(texts);
  }

  private IniText leading(IniText ini) {
    var entries = names.stream().filter(ini.databases()::contains).sorted().toList();
    var text = new StringBuilder("[databases]\n");
    entries.forEach(name -> text.append(name).append(" =\n"));
    var kept = IniText.parse(text.toString());
    for (var name : entries) {
      for (var key : List.of("host", "port")) {
        kept =
            ini.parameter(name, key).isPresent()
                ? kept.with(name, key, ini.parameter(name, key))
                : kept;
      }
    }
    return kept;
  }

  @Override
  public boolean leads(Map<String, String> nameToAddress) {
    var wanted = wanted(nameToAddress);
    return wanted.isEmpty()
        || AtOnce.each(poolers, pooler -> PoolerChange.leads(pooler, wanted)).stream()
            .allMatch(leads -> leads);
  }

  private Map<String, Target> wanted(Map<String, String> nameToAddress) {
    var wanted = new LinkedHashMap<String, Target>();
    nameToAddress.forEach((name, address) -> {
      if (names.contains(name)) {
        wanted.put(name, Target.parse(address));
      }
    });
    return wanted;
  }

  @Override
  public void ready(Map<String, String> nameToAddress) {
    var wanted = wanted(nameToAddress);
    if (!wanted.isEmpty()) {
      discardReady();
      AtOnce.each(poolers, pooler -> PoolerChange.leads(pooler, wanted));
      AtOnce.each(
          poolers,
          pooler -> prepared.put(pooler, PoolerChange.leading(pooler, wanted).laidReady()) == null);
      // As point will: the second time is faster.
      var _ = AtOnce.each(poolers, pooler -> change(pooler, wanted));
    }
  }

  /** What another process of ours has laid ready, and was killed, goes, too. */
  @Override
  public void forget() {
    discardReady();
    var _ = AtOnce.eachWithin(_ -> PATIENCE, poolers, Pooler::sweep, _ -> {});
  }

  /** Nothing is written before every configuration is known to have every entry. */
  @Override
  public void point(Map<String, String> nameToAddress) {
    var wanted = wanted(nameToAddress);
    if (wanted.isEmpty()) {
      return;
    }
    var changes = AtOnce.each(poolers, pooler -> change(pooler, wanted));
    changes.forEach(change -> prepared.remove(change.pooler(), change));
    discardReady();
    AtOnce.each(changes, PoolerChange::make);
  }

  /** As prepared, where nobody has edited the configuration since. */
  private PoolerChange change(Pooler pooler, Map<String, Target> wanted) {
    return Optional.ofNullable(prepared.get(pooler))
        .filter(change -> change.wanted().equals(wanted) && change.isOfNow())
        .orElseGet(() -> PoolerChange.leading(pooler, wanted));
  }

  private void discardReady() {
    prepared.values().forEach(PoolerChange::discard);
    prepared.clear();
  }

  @Override
  public void restore(Snapshot snapshot) {
    var changes = new ArrayList<PoolerChange>();
    for (var pooler : poolers) {
      var text = snapshot.places().get(pooler.where());
      if (text != null) {
        changes.add(PoolerChange.back(pooler, IniText.parse(text), names));
      }
    }
    AtOnce.each(changes, PoolerChange::make);
  }

  /**
   * Lets every process log in where these names will lead, as its clients' users; what was changed
   * for that is as it was when this returns.
   */
  public List<TriedLogin> tryLogins(Map<String, String> nameToAddress) {
    var wanted = wanted(nameToAddress);
    return AtOnce.each(poolers, pooler -> new PoolerLogins(pooler, wanted).tried()).stream()
        .flatMap(List::stream)
        .toList();
  }

  /** Takes away what a try has left that was killed, or a hold that was being got ready. */
  public void forgetTries() {
    AtOnce.each(
        poolers,
        pooler -> {
          new PoolerLogins(pooler, Map.of()).end();
          pooler.brief().recover(Deadline.in(PATIENCE));
          return true;
        });
  }

  /** Looks at every process; one that cannot be looked at does not keep the others from it. */
  public List<PoolerLook> look() {
    return new PoolerLooks(poolers, List.copyOf(names)).all();
  }
}
