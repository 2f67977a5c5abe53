package dev.upshift.upgrade.checks;

import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Standby;
import java.util.List;

/** A program that restores a backup runs with the rights of the server's owner. */
public record RefuseOpenRestore(Standby candidate) implements Refusal {

  @Override
  public String id() {
    return "open-restore";
  }

  @Override
  public String title() {
    return "what makes the candidate is there, and nobody else may change it";
  }

  @Override
  public List<Finding> look() {
    try {
      candidate.inspectProgram();
      return List.of();
    } catch (WorldError e) {
      return List.of(Finding.blocks("candidate.restore: " + e.what(), e.hint()));
    }
  }
}
