package dev.upshift.upgrade.checks;

import dev.upshift.traffic.TrafficSwitch;
import java.util.List;
import java.util.Map;

/** Every server of the fleet must have the managed names, leading where the topology says. */
public record RefuseMisleadingNames(TrafficSwitch fleet, Map<String, String> addresses)
    implements Refusal {

  @Override
  public String id() {
    return "misleading-names";
  }

  @Override
  public String title() {
    return "the names lead where the topology says";
  }

  @Override
  public List<Finding> look() {
    return fleet.leads(addresses)
        ? List.of()
        : List.of(
            Finding.blocks(
                "a hosts file of the fleet does not lead "
                    + addresses.keySet()
                    + " to "
                    + addresses.values(),
                "compare the hosts files with the topology's names and addresses"));
  }
}
