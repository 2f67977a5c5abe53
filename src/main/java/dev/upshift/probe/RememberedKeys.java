package dev.upshift.probe;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.SecretKeyFactorySpi;
import javax.crypto.spec.PBEKeySpec;

/**
 * Lets scram-sha-256 stretch a password once, not at each connection. RFC 5802 allows a client to
 * keep the result, which depends on the password, the salt and the number of iterations only. In
 * Java it costs some 10 ms of a processor, most of a fresh connection: the probe would measure
 * itself, and weigh on a small machine.
 */
final class RememberedKeys {
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  private RememberedKeys() {}

  /** Makes it this process's way to stretch passwords; pgjdbc asks the JDK for it. */
  static void install() {
    try {
      SecretKeyFactory stretching = SecretKeyFactory.getInstance(ALGORITHM);
      Security.insertProviderAt(new RememberingProvider(stretching), 1);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private static final class RememberingProvider extends Provider {
    private final SecretKeyFactorySpi remembering;

    RememberingProvider(SecretKeyFactory stretching) {
      super("upshift-probe", "1", "stretches each password once");
      this.remembering = new RememberingFactory(stretching);
      putService(new Remembering(this, remembering));
    }
  }

  private static final class Remembering extends Provider.Service {
    private final SecretKeyFactorySpi factory;

    Remembering(Provider provider, SecretKeyFactorySpi factory) {
      super(
          provider,
          "SecretKeyFactory",
          ALGORITHM,
          factory.getClass().getName(),
          List.of(),
          Map.of());
      this.factory = factory;
    }

    @Override
    public Object newInstance(Object parameter) {
      return factory;
    }
  }

  private record Stretched(String password, List<Byte> salt, int iterations, int bits) {}

  private static final class RememberingFactory extends SecretKeyFactorySpi {
    private final SecretKeyFactory stretching;
    private final Map<Stretched, SecretKey> known = new ConcurrentHashMap<>();

    RememberingFactory(SecretKeyFactory stretching) {
      this.stretching = stretching;
    }

    @Override
    protected SecretKey engineGenerateSecret(KeySpec spec) throws InvalidKeySpecException {
      if (!(spec instanceof PBEKeySpec password) || password.getSalt() == null) {
        return stretching.generateSecret(spec);
      }
      var question =
          new Stretched(
              new String(password.getPassword()),
              boxed(password.getSalt()),
              password.getIterationCount(),
              password.getKeyLength());
      SecretKey key = known.get(question);
      if (key == null) {
        key = stretching.generateSecret(spec);
        known.put(question, key);
      }
      return key;
    }

    private static List<Byte> boxed(byte[] bytes) {
      Byte[] boxes = new Byte[bytes.length];
      Arrays.setAll(boxes, i -> bytes[i]);
      return List.of(boxes);
    }

    @Override
    protected KeySpec engineGetKeySpec(SecretKey key, Class<?> keySpec)
        throws InvalidKeySpecException {
      return stretching.getKeySpec(key, keySpec);
    }

    @Override
    protected SecretKey engineTranslateKey(SecretKey key) throws InvalidKeyException {
      return stretching.translateKey(key);
    }
  }
}
