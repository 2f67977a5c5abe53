package dev.upshift.upgrade;

import dev.upshift.postgres.Clients;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.Subscriber;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots;
import dev.upshift.upgrade.steps.GuardDdl;
import dev.upshift.upgrade.steps.WayBack;
import java.util.List;

/**
 * Which side is left and which will serve: the switch goes one way, the switch back is the same
 * with the two exchanged.
 *
 * @param left the primary that is left
 * @param leftStandbys its standbys, from which nobody is to read any more
 * @param serving the primary that will serve
 * @param servingStandbys its standbys
 * @param follower the one that will serve, as the follower of the one that is left
 * @param wayBack the one that is left, as the follower of the one that will serve
 * @param clients of the primary that is left
 * @param guard keeps the schema of the one that will serve as it is while it is followed back
 * @param slots what the one that will serve is followed by
 */
record Direction(
    PgServer left,
    List<PgServer> leftStandbys,
    PgServer serving,
    List<Standby> servingStandbys,
    Subscriber follower,
    WayBack wayBack,
    Clients clients,
    GuardDdl guard,
    CreatePublicationsAndSlots slots) {}
