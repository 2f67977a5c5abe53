package dev.upshift.probe;

/** What a lane does at each of its times. */
interface Attempts {
  /** Makes attempt {@code n}; a session whose attempt failed has no connection afterwards. */
  Ending attempt(Session session, long n);
}
