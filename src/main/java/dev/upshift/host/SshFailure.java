package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Why a machine could not be reached: in ssh's own words, with what to do where they tell it. */
record SshFailure(String host, SshReach reach) {
  private static final int LAST_LINES = 8;

  /** What ssh says, and what helps; the first that fits. */
  private static final Map<String, String> HINTS = new LinkedHashMap<>();

  static {
    HINTS.put(
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the machine's host key is not the one that was known: find out why, on the machine, before"
            + " 'ssh-keygen -R' forgets the old one");
    HINTS.put(
        "Host key verification failed",
        "the machine's host key is not known: log in once with 'ssh %s', and compare it with the"
            + " machine's own");
    HINTS.put(
        "Permission denied",
        "the machine did not accept this account and key: 'ssh -v %s' tells which keys were tried;"
            + " nothing is asked, so a key with a passphrase has to be in the agent");
    HINTS.put(
        "Too many authentication failures",
        "the agent offers too many keys: name the right one with IdentityFile and IdentitiesOnly");
    HINTS.put("Connection refused", "is the SSH server running, and is this its port?");
    HINTS.put("Could not resolve hostname", "correct the name, or add it to ~/.ssh/config");
    HINTS.put("Name or service not known", "correct the name, or add it to ~/.ssh/config");
    HINTS.put("No route to host", "see whether the machine and the network to it are up");
    HINTS.put("timed out", "see whether the machine is up and a firewall lets us through");
    HINTS.put("not responding", "see whether the machine and the network to it are up");
    HINTS.put("Bad configuration option", "mend the configuration of ssh that the line names");
    HINTS.put(
        "too long for Unix domain socket", "the folder for temporary files has too long a name");
    HINTS.put("printf or a test -ef", "install dash or bash as the machine's /bin/sh");
    HINTS.put("not found", "the machine needs a POSIX sh, coreutils, util-linux and procps");
  }

  /** ssh ended, and this is what it said. */
  WorldError of(String said) {
    var lines = said.lines().filter(line -> !line.isBlank()).toList();
    var last = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
    var hint =
        HINTS.entrySet().stream()
            .filter(one -> said.contains(one.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("try 'ssh %s'");
    return new WorldError(
        host,
        "no connection to '"
            + reach.target()
            + "'"
            + (last.isEmpty() ? "" : "\n  " + String.join("\n  ", last)),
        hint.replace("%s", reach.shown()));
  }

  /** The limit has passed. */
  WorldError late(Duration limit) {
    return new WorldError(
        host,
        "no connection to '%s' within %d ms".formatted(reach.target(), limit.toMillis()),
        "see whether the machine is up, and how long '" + "ssh " + reach.shown() + "' takes");
  }
}
