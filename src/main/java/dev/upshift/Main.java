package dev.upshift;

/** Parses, runs, and maps a failure to its exit code: the only catch, the only exit. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.out.println("upshift 0.1.0");
  }
}
