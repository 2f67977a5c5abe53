package dev.upshift.upgrade;

import dev.upshift.fleet.Agents;
import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.Workers;
import dev.upshift.host.Host;
import dev.upshift.traffic.Away;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The application servers, and who else would act.
 *
 * @param balancer what stands before the online fleet, if anything does
 * @param restOfOnline the online servers that leave it for the switch
 * @param workers the offline fleet's workers
 * @param firstOffline the offline servers that stop first
 * @param lastOffline those whose tasks are time-sensitive, and stop last
 * @param agents what would act on its own when a database server stops
 * @param clients the machines from which clients come while the switch is made
 * @param away what is known of machines that cannot be reached
 * @param drainLimit how long requests and sessions may take to end
 */
public record Fleet(
    Optional<LoadBalancer> balancer,
    List<String> restOfOnline,
    Workers workers,
    List<String> firstOffline,
    List<String> lastOffline,
    Agents agents,
    List<Host> clients,
    Away away,
    Duration drainLimit) {}
