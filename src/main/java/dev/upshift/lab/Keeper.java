package dev.upshift.lab;

/** What looks after a lab's servers of PostgreSQL, and with that where their files lie. */
public enum Keeper {
  /** Nobody: pg_ctl starts and stops them, and all of them is in the lab's folder. */
  PG_CTL,
  /** Debian's pg_ctlcluster: their files lie where Debian has them, on hosts of their own. */
  PG_CTLCLUSTER,
  /** Debian's units of systemd, which start a server again when it ends; the same otherwise. */
  SYSTEMD;

  /** Whether PostgreSQL is there as Debian installs it. */
  boolean isDebians() {
    return this != PG_CTL;
  }
}
