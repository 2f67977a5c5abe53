package dev.upshift.engine;

import java.util.function.Supplier;

/** Gives a register a value; telling it so twice is up to the step. */
class SetRegister implements Reversible<SetRegister.Before, Nothing> {
  private final World world;
  private final String register;
  private final Supplier<String> value;

  record Before(String value) {}

  SetRegister(World world, String register, Supplier<String> value) {
    this.world = world;
    this.register = register;
    this.value = value;
  }

  SetRegister(World world, String register, String value) {
    this(world, register, () -> value);
  }

  @Override
  public String title() {
    return "Set " + register;
  }

  @Override
  public Check<Before> check() {
    return Check.ready(new Before(world.value(register)));
  }

  @Override
  public Nothing apply(Before before) {
    tellUntil(value.get());
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return Verdict.of(world.value(register).equals(value.get()), register + " is not set");
  }

  @Override
  public void undo(Before before) {
    tellUntil(before.value());
  }

  private void tellUntil(String wanted) {
    world.cancel(register);
    while (!world.value(register).equals(wanted)) {
      world.tell(register, wanted);
    }
  }
}
