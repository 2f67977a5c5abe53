package dev.upshift.upgrade.checks;

import dev.upshift.topology.PgVersion;
import dev.upshift.traffic.PoolerLook;
import dev.upshift.traffic.Poolers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * PgBouncer from 1.26 on remembers scram_iterations for each client, which servers report from 16
 * on, and sets it on every server that the client is given: one before 16 does not know it, and the
 * client is thrown out ("invalid server parameter"), again and again. Measured with 1.26 between 18
 * and 13: 77 of 122 writes failed; with 1.18 none.
 *
 * @param from the version that is left
 * @param to the version that will serve
 * @param now whether the poolers are led there now; otherwise that may come one day
 */
public record FindRememberingPoolers(
    Optional<Poolers> poolers, PgVersion from, PgVersion to, boolean now) implements Refusal {
  private static final int REPORTED_SINCE = 16;
  private static final int REMEMBERED_SINCE = 26;
  private static final Pattern VERSION = Pattern.compile("1\\.(\\d+)");

  @Override
  public String id() {
    return "remembering-poolers";
  }

  @Override
  public String title() {
    return "no pooler remembers what " + to + " does not know";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    if (!from.atLeast(REPORTED_SINCE) || to.atLeast(REPORTED_SINCE)) {
      return findings;
    }
    for (var look : poolers.map(Poolers::look).orElse(List.of())) {
      if (remembers(look)) {
        findings.add(finding(look.where()));
      }
    }
    return findings;
  }

  private static boolean remembers(PoolerLook look) {
    return look.facts()
        .map(facts -> VERSION.matcher(facts.version()))
        .filter(matcher -> matcher.find() && Integer.parseInt(matcher.group(1)) >= REMEMBERED_SINCE)
        .isPresent();
  }

  private Finding finding(String where) {
    var what =
        where
            + " is PgBouncer 1.26 or newer: led from "
            + from
            + " to "
            + to
            + ", it throws its clients out (scram_iterations)";
    var remedy = "put PgBouncer 1.25 or older there before a switch back";
    return now ? Finding.blocks(what, remedy) : Finding.warns(what, remedy);
  }
}
