package dev.upshift.engine;

/** The Before of a step whose undo needs none, and the result of one that found nothing out. */
public record Nothing() {}
