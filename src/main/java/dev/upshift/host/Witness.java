package dev.upshift.host;

/** Is told of every effect before it happens: commands, files and SQL that change something. */
@FunctionalInterface
public interface Witness {

  /** One effect on one host, as an operator would type it; nothing secret stands in it. */
  void effect(String host, String what);

  /** Watches nothing. */
  Witness NONE = (host, what) -> {};
}
