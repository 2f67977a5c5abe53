package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.Security;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RememberedKeysTest {
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  @AfterEach
  void uninstall() {
    Security.removeProvider("upshift-probe");
  }

  private static byte[] stretch(SecretKeyFactory factory, String password, int salt, int iterations)
      throws GeneralSecurityException {
    byte[] salted = {(byte) salt, 2, 3};
    var spec = new PBEKeySpec(password.toCharArray(), salted, iterations, 256);
    return factory.generateSecret(spec).getEncoded();
  }

  @Test
  void shouldGiveWhatTheJdkGivesForEachQuestion() throws GeneralSecurityException {
    SecretKeyFactory original = SecretKeyFactory.getInstance(ALGORITHM);
    RememberedKeys.install();
    for (int round = 0; round < 2; round++) {
      for (String password : new String[] {"secret", "Secret"}) {
        for (int salt = 0; salt < 3; salt++) {
          for (int iterations : new int[] {1, 4096}) {
            SecretKeyFactory installed = SecretKeyFactory.getInstance(ALGORITHM);
            assertThat(installed.getProvider().getName()).isEqualTo("upshift-probe");
            assertThat(stretch(installed, password, salt, iterations))
                .isEqualTo(stretch(original, password, salt, iterations));
          }
        }
      }
    }
  }
}
