package dev.upshift.postgres;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a server keeps in place of a password: {@code pg_authid.rolpassword} (manual, "pg_authid").
 */
public record StoredPassword(String text) {
  private static final Pattern SCRAM =
      Pattern.compile("SCRAM-SHA-256\\$(\\d+):([^$]+)\\$([^:]+):.+");

  /** Anything else is the password itself: {@code password_encryption = off}, before 10. */
  private static final Pattern MD5 = Pattern.compile("md5[0-9a-f]{32}");

  private static final int BITS = 256;

  /**
   * Whether the server would take this password from the role. True as well where that cannot be
   * told: a SCRAM verifier of a password with other than ASCII letters, which is made of their
   * normal forms (RFC 4013).
   */
  public boolean fits(String role, String password) {
    try {
      var scram = SCRAM.matcher(text);
      if (!scram.matches()) {
        return text.equals(MD5.matcher(text).matches() ? "md5" + md5(password + role) : password);
      }
      return !password.chars().allMatch(c -> c < 0x80)
          || Base64.getEncoder()
              .encodeToString(
                  storedKey(
                      password,
                      Base64.getDecoder().decode(scram.group(2)),
                      Integer.parseInt(scram.group(1))))
              .equals(scram.group(3));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has these", e);
    }
  }

  private static String md5(String of) throws GeneralSecurityException {
    var bytes = of.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
  }

  /** RFC 5802, section 3: {@code H(HMAC(Hi(password, salt, iterations), "Client Key"))}. */
  private static byte[] storedKey(String password, byte[] salt, int iterations)
      throws GeneralSecurityException {
    var salted =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
            .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, BITS));
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(salted.getEncoded(), "HmacSHA256"));
    var clientKey = mac.doFinal("Client Key".getBytes(StandardCharsets.US_ASCII));
    return MessageDigest.getInstance("SHA-256").digest(clientKey);
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return "StoredPassword";
  }
}
