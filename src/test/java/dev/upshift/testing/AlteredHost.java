package dev.upshift.testing;

import dev.upshift.host.Host;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A machine on which one thing is not as in life, and everything else is: so a safeguard is taken
 * out of code that knows nothing of it.
 */
public final class AlteredHost {
  private AlteredHost() {}

  /** Puts {@code fresh} in the place of {@code old}. */
  public static UnaryOperator<Host> of(String old, String fresh) {
    return altered((real, method, arguments) -> {
      if (method.getName().equals("replaceText")) {
        arguments[1] = arguments[1].toString().replace(old, fresh);
      }
      return invoke(real, method, arguments);
    });
  }

  /** Nobody's children can be seen there, as where ps is missing or /proc shows one's own only. */
  public static UnaryOperator<Host> blind() {
    return altered((real, method, arguments) ->
        Set.of("children", "someChildren").contains(method.getName())
            ? Map.of()
            : invoke(real, method, arguments));
  }

  private interface Call {
    @Nullable Object on(Host real, Method method, Object[] arguments) throws Throwable;
  }

  private static UnaryOperator<Host> altered(Call call) {
    return real ->
        (Host)
            Proxy.newProxyInstance(
                Host.class.getClassLoader(),
                new Class<?>[] {Host.class},
                (_, method, arguments) -> call.on(real, method, arguments));
  }

  private static @Nullable Object invoke(
      Host real, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
