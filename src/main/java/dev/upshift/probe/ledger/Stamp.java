package dev.upshift.probe.ledger;

import dev.upshift.probe.log.AnsweringServer;
import java.time.Instant;

/**
 * Who ran a write, exactly enough to ask later whether it can still be committed.
 *
 * @param server the server
 * @param serverStarted when its postmaster started: another value is another life of the server
 * @param backendPid the backend that ran it
 */
public record Stamp(AnsweringServer server, Instant serverStarted, int backendPid) {}
