package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shell that is kept open. */
abstract class HostTalkContract {
  private static final Duration LONG = Duration.ofSeconds(20);
  private final List<String> effects = new ArrayList<>();
  private final Talk talk =
      host("pool1", (where, what) -> effects.add(where + ": " + what))
          .talk(Command.of("sh"), "echo %s");

  /** The machine under test. */
  abstract Host host(String name, Witness witness);

  @AfterEach
  void close() {
    talk.close();
    assertThat(talk.isOpen()).isFalse();
  }

  @Test
  void shouldAnswerLineByLineErrorsIncluded() {
    assertThat(ask("echo a; echo b >&2; echo c")).isEqualTo("a\nb\nc");
    assertThat(ask("true")).isEmpty();
    assertThat(ask("echo; echo upshift-1x")).isEqualTo("\nupshift-1x");
    assertThat(talk.isOpen()).isTrue();
  }

  @Test
  void shouldShowOnlyWhatChangesSomething() {
    ask("echo a");
    assertThat(talk.tell("echo b", Deadline.in(LONG))).hasValue("b");
    assertThat(effects).containsExactly("pool1: echo b  > sh");
  }

  @Test
  void shouldNotTakeALateAnswerForAnother() {
    assertThatThrownBy(() -> talk.ask("sleep 0.4; echo late", Deadline.in(Duration.ofMillis(50))))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("pool1: no answer to 'sleep 0.4; echo late' within 50 ms");
    assertThat(ask("echo next")).isEqualTo("next");
  }

  @Test
  void shouldSayWhatAProgramSaidLastThatHasEnded() {
    assertThatThrownBy(() -> ask("echo because >&2; exit 3"))
        .isInstanceOf(WorldError.class)
        .hasMessage("pool1: 'sh' has ended\n  because");
    assertThatThrownBy(() -> ask("echo more")).hasMessageContaining("'sh' has ended");
  }

  @Test
  void shouldEndAProgramThatDoesNotListen() {
    assertThatThrownBy(() -> talk.ask("sleep 60", Deadline.in(Duration.ofMillis(50))))
        .isInstanceOf(WorldError.class);
  }

  private String ask(String line) {
    return talk.ask(line, Deadline.in(LONG));
  }
}
