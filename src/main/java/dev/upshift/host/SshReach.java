package dev.upshift.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to get to a machine with the system's ssh. What is not said here is as the operator's own
 * configuration of ssh has it: users, ports, keys, jump hosts, and which host keys are trusted.
 *
 * @param target a host's name or address, or a name that the configuration knows
 * @param user the account to log in to
 * @param port where its server listens
 * @param identity the file of the private key
 * @param configuration read in place of the operator's usual one
 * @param connectLimit how long it may take to connect and log in
 */
public record SshReach(
    String target,
    Optional<String> user,
    Optional<Integer> port,
    Optional<Path> identity,
    Optional<Path> configuration,
    Duration connectLimit) {
  /** The one program that sudo has to allow where another user is to be worked as. */
  public static final String SUDO_ALLOWS = "/bin/sh";

  /** A login over a far and busy network takes a second or two. */
  public static final Duration USUAL_CONNECT_LIMIT = Duration.ofSeconds(12);

  /** As the operator's configuration says. */
  public static SshReach of(String target) {
    return new SshReach(
        target,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        USUAL_CONNECT_LIMIT);
  }

  /** The same, logging in to this account. */
  public SshReach withUser(String name) {
    return new SshReach(target, Optional.of(name), port, identity, configuration, connectLimit);
  }

  /** The same, at this port. */
  public SshReach withPort(int number) {
    return new SshReach(target, user, Optional.of(number), identity, configuration, connectLimit);
  }

  /** The same, with this private key. */
  public SshReach withIdentity(Path file) {
    return new SshReach(target, user, port, Optional.of(file), configuration, connectLimit);
  }

  /** The same, with this configuration in place of the operator's usual one. */
  public SshReach withConfiguration(Path file) {
    return new SshReach(target, user, port, identity, Optional.of(file), connectLimit);
  }

  /** The same, with another limit for connecting. */
  public SshReach withConnectLimit(Duration limit) {
    return new SshReach(target, user, port, identity, configuration, limit);
  }

  /** As an operator would type it behind ssh. */
  String shown() {
    var words = new ArrayList<String>();
    configuration.ifPresent(file -> words.addAll(List.of("-F", file.toString())));
    port.ifPresent(number -> words.addAll(List.of("-p", Integer.toString(number))));
    identity.ifPresent(file -> words.addAll(List.of("-i", file.toString())));
    words.add(user.map(name -> name + "@").orElse("") + target);
    return String.join(" ", words.stream().map(Command::quoted).toList());
  }

  /**
   * The words of a command that runs something there in a connection of its own, asks nobody for
   * anything, and ends when nothing is heard from there for 15 s.
   *
   * @param script for the account's shell
   */
  public List<String> toRun(String script) {
    var words = new ArrayList<>(List.of("ssh", "-n", "-T"));
    words.addAll(SshMaster.OPTIONS);
    words.addAll(List.of("-o", "ControlMaster=no", "-o", "ControlPath=none"));
    words.addAll(options());
    words.addAll(List.of("--", target, script));
    return List.copyOf(words);
  }

  /** ssh's options that say so; the target is not among them. */
  List<String> options() {
    var options = new ArrayList<String>();
    configuration.ifPresent(file -> options.addAll(List.of("-F", file.toString())));
    user.ifPresent(name -> options.addAll(List.of("-l", name)));
    port.ifPresent(number -> options.addAll(List.of("-p", Integer.toString(number))));
    identity.ifPresent(file -> options.addAll(List.of("-i", file.toString())));
    options.addAll(List.of("-o", "ConnectTimeout=" + Math.max(1, connectLimit.toSeconds())));
    return options;
  }
}
