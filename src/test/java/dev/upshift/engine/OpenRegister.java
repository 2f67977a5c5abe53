package dev.upshift.engine;

/** Gives a register a value, for ever. */
class OpenRegister implements Forward<Nothing, Nothing> {
  private final SetRegister step;

  OpenRegister(World world, String register, String value) {
    step = new SetRegister(world, register, value);
  }

  @Override
  public String title() {
    return step.title();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    return step.apply(new SetRegister.Before(""));
  }

  @Override
  public Verdict verify(Nothing result) {
    return step.verify(result);
  }
}
