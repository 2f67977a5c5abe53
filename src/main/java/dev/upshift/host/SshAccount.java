package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.host.SshConnection.Standing;
import dev.upshift.host.SshConnection.Wish;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * A machine as one of its users works on it.
 *
 * @param name the name the topology gives it
 * @param connection the way to it
 * @param user whose programs run; nobody means the account that was logged in to
 */
record SshAccount(String name, SshConnection connection, Optional<String> user) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Runs a program that only looks. */
  Output ask(Command command) {
    return output(
        command, connection.look(user, program(command), command.toString(), command.limit()));
  }

  /** Runs a program that changes something. */
  Output attempt(Command command) {
    return output(
        command, connection.change(user, program(command), command.toString(), command.limit()));
  }

  private static Wish program(Command command) {
    return new Wish(Standing::user, _ -> ShellText.command(command));
  }

  private Output output(Command command, Answer answer) {
    if (!answer.started()) {
      throw new WorldError(
          name, "'" + command + "' could not be started: " + answer.reason(), "is it installed?");
    }
    return new Output(name, command, answer.exit(), answer.text(), answer.errors());
  }

  /** Looks with commands of our own, as who handles files. */
  Answer look(String what, String script) {
    return connection.look(user, ours(_ -> script), what, LIMIT);
  }

  /** Changes something with commands of our own, as who handles files. */
  Answer change(String what, Function<Standing, String> script) {
    return connection.change(user, ours(script), what, LIMIT);
  }

  private static Wish ours(Function<Standing, String> script) {
    return new Wish(Standing::handlesFiles, standing -> ShellText.script(script.apply(standing)));
  }

  /** It did not work. */
  WorldError failed(String what, Answer answer) {
    return new WorldError(name, what + ": " + answer.reason(), "");
  }
}
