package dev.upshift.testing;

import dev.upshift.host.Host;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A machine on which one word of whatever is written into files becomes another: so a safeguard is
 * taken out of code that knows nothing of it, and everything else is as in life.
 */
public final class AlteredHost {
  private AlteredHost() {}

  /** Puts {@code fresh} in the place of {@code old}. */
  public static UnaryOperator<Host> of(String old, String fresh) {
    return real ->
        (Host)
            Proxy.newProxyInstance(
                Host.class.getClassLoader(),
                new Class<?>[] {Host.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("replaceText")) {
                    arguments[1] = arguments[1].toString().replace(old, fresh);
                  }
                  return invoke(real, method, arguments);
                });
  }

  private static @Nullable Object invoke(
      Host real, java.lang.reflect.Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
