package dev.upshift.topology;

/** Where something stands in a file; both counts begin at 1. */
record Place(int line, int column) implements Comparable<Place> {
  static final Place START = new Place(1, 1);

  /** The place behind a text that begins a file; its columns count code points. */
  static Place after(String text) {
    int lineStart = text.lastIndexOf('\n') + 1;
    int line = (int) text.chars().filter(c -> c == '\n').count() + 1;
    return new Place(line, text.codePointCount(lineStart, text.length()) + 1);
  }

  @Override
  public int compareTo(Place other) {
    return line != other.line
        ? Integer.compare(line, other.line)
        : Integer.compare(column, other.column);
  }
}
