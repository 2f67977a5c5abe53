package dev.upshift.engine;

/** A step that is not taken back: it stands past the border, where going on is the only way. */
public non-sealed interface Forward<B extends Record, R extends Record> extends Step<B, R> {}
