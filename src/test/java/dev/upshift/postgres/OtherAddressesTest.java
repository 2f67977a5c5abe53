package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every address is in one block or in none. */
class OtherAddressesTest {

  private static boolean isIn(String block, byte[] address) {
    var parts = block.split("/");
    var first = bytes(parts[0]);
    int rest = first.length * 8 - Integer.parseInt(parts[1]);
    return first.length == address.length
        && new BigInteger(1, first)
            .shiftRight(rest)
            .equals(new BigInteger(1, address).shiftRight(rest));
  }

  /** Java makes four bytes of an IPv4 address that is written as one of IPv6. */
  private static byte[] bytes(String text) {
    if (!text.contains(":")) {
      return InetAddress.ofLiteral(text).getAddress();
    }
    var value = BigInteger.ZERO;
    for (var group : text.split(":")) {
      value = value.shiftLeft(16).or(new BigInteger(group, 16));
    }
    var all = new byte[16];
    for (int i = 15; i >= 0; i--, value = value.shiftRight(8)) {
      all[i] = value.byteValue();
    }
    return all;
  }

  @Test
  void shouldLeaveOutTheseAddressesAndNoOther() throws Exception {
    var random = new Random(20_261_124);
    for (int round = 0; round < 200; round++) {
      var some = new ArrayList<InetAddress>();
      for (int i = random.nextInt(5); i > 0; i--) {
        var address = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(address);
        some.add(InetAddress.getByAddress(address));
      }
      var blocks = OtherAddresses.than(some);
      assertThat(some)
          .allSatisfy(one -> assertThat(blocks).noneMatch(block -> isIn(block, one.getAddress())));
      for (int i = 0; i < 50; i++) {
        // Near one of them, where a bit too many or too few would show, or anywhere.
        var other =
            some.isEmpty() || i % 5 == 0
                ? new byte[random.nextBoolean() ? 4 : 16]
                : some.get(random.nextInt(some.size())).getAddress();
        int bit = random.nextInt(other.length * 8);
        other[bit / 8] ^= (byte) (1 << bit % 8);
        boolean isOne = some.stream().anyMatch(one -> Arrays.equals(one.getAddress(), other));
        assertThat(blocks.stream().filter(block -> isIn(block, other)).count())
            .isEqualTo(isOne ? 0 : 1);
      }
    }
  }

  @Test
  void shouldBeEverybodyWithoutAny() {
    assertThat(OtherAddresses.than(List.of())).containsExactly("0.0.0.0/0", "0:0:0:0:0:0:0:0/0");
  }
}
