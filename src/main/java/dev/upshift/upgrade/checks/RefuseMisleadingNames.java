package dev.upshift.upgrade.checks;

import dev.upshift.traffic.TrafficSwitch;
import java.util.ArrayList;
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
    var findings = new ArrayList<Finding>();
    fleet.inspect();
    if (!fleet.leads(addresses)) {
      findings.add(
          Finding.blocks(
              "a hosts file of the fleet does not lead "
                  + addresses.keySet()
                  + " to "
                  + addresses.values(),
              "compare the hosts files with the topology's names and addresses"));
    }
    for (var away : fleet.away()) {
      findings.add(
          Finding.warns(
              away,
              "it is left behind, which the fence makes harmless; when it is back, lead its names as"
                  + " those of the others"));
    }
    return findings;
  }
}
