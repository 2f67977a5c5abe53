package dev.upshift.postgres;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * All addresses but some, as blocks in CIDR form: pg_hba.conf knows no "all but". For one address
 * it takes a block for each of its bits.
 */
final class OtherAddresses {
  private static final int V4 = 4;
  private static final int V6 = 16;

  private final int bytes;
  private final List<BigInteger> without;
  private final List<String> blocks = new ArrayList<>();

  private OtherAddresses(int bytes, Collection<InetAddress> without) {
    this.bytes = bytes;
    this.without =
        without.stream()
            .map(InetAddress::getAddress)
            .filter(address -> address.length == bytes)
            .map(address -> new BigInteger(1, address))
            .toList();
  }

  /** Every other address stands in exactly one of the blocks, these in none. */
  static List<String> than(Collection<InetAddress> some) {
    var all = new ArrayList<String>();
    for (int bytes : new int[] {V4, V6}) {
      var others = new OtherAddresses(bytes, some);
      others.add(BigInteger.ZERO, 0);
      all.addAll(others.blocks);
    }
    return all;
  }

  private void add(BigInteger first, int length) {
    int rest = bytes * Byte.SIZE - length;
    var prefix = first.shiftRight(rest);
    if (without.stream().noneMatch(address -> address.shiftRight(rest).equals(prefix))) {
      blocks.add(text(first) + "/" + length);
    } else if (rest > 0) {
      add(first, length + 1);
      add(first.setBit(rest - 1), length + 1);
    }
  }

  /** Not as Java writes it, for which an IPv4 address in one of 16 bytes is one of 4. */
  private String text(BigInteger address) {
    var text = new StringBuilder();
    int step = bytes == V4 ? Byte.SIZE : Short.SIZE;
    for (int shift = bytes * Byte.SIZE - step; shift >= 0; shift -= step) {
      int part = address.shiftRight(shift).intValue() & ((1 << step) - 1);
      text.append(bytes == V4 ? Integer.toString(part) : Integer.toHexString(part));
      text.append(shift == 0 ? "" : bytes == V4 ? "." : ":");
    }
    return text.toString();
  }
}
