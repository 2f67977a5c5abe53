package dev.upshift.upgrade;

import dev.upshift.traffic.Poolers;
import dev.upshift.traffic.TrafficHold;
import dev.upshift.traffic.TrafficSwitch;
import java.util.Map;
import java.util.Optional;

/**
 * What leads clients to servers, in the parts in which it is moved, and where to.
 *
 * @param inService the online servers that serve during the switch (physical: the minimal fleet;
 *     logical: all), and the poolers; led past the border, where one that is away is left behind
 * @param rest every server's own names: all others, and whoever was left behind
 * @param wholeFleet everybody
 * @param hold what makes clients wait, or parks them
 * @param poolers the poolers, where there are any
 * @param mayPoolSessions whether the operator lives with pools in session mode
 * @param atServing all names at the primary that will serve
 * @param atServingStandbys the primary's name there, the standbys' names at its standbys as far as
 *     it has them
 */
public record Traffic(
    TrafficSwitch inService,
    TrafficSwitch rest,
    TrafficSwitch wholeFleet,
    TrafficHold hold,
    Optional<Poolers> poolers,
    boolean mayPoolSessions,
    Map<String, String> atServing,
    Map<String, String> atServingStandbys) {}
