package dev.upshift.engine;

/** Makes a thing that may be made once only; later steps need its number. */
final class MakeThing implements Reversible<MakeThing.Before, MakeThing.Made> {
  private final World world;
  private final String thing;

  record Before(boolean there) {}

  record Made(int number) {}

  MakeThing(World world, String thing) {
    this.world = world;
    this.thing = thing;
  }

  @Override
  public String title() {
    return "Make " + thing;
  }

  @Override
  public Check<Before> check() {
    return Check.ready(new Before(world.number(thing).isPresent()));
  }

  @Override
  public Made apply(Before before) {
    if (world.number(thing).isEmpty()) {
      world.make(thing);
    }
    return new Made(world.number(thing).orElseThrow());
  }

  @Override
  public Verdict verify(Made result) {
    return Verdict.of(
        world.number(thing).filter(number -> number == result.number()).isPresent(),
        thing + " is not there");
  }

  @Override
  public void undo(Before before) {
    if (!before.there() && world.number(thing).isPresent()) {
      world.destroy(thing);
    }
  }
}
