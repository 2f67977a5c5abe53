package dev.upshift.lab;

/** What the first processes of {@link SeparateHosts} do, and what is done to their network. */
final class HostScripts {
  /**
   * The switch that joins the hosts: a bridge in a namespace of its own, so that no rule of this
   * machine's packet filter applies between two hosts (a bridge's packets go through it, too, where
   * Docker is). Who is behind which port is said and not learned, so that it can be changed at
   * once.
   */
  static final String SWITCH =
      """
      caller=$2 link=$3 hardware=$4
      [ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
      for all in default all; do echo 0 >/proc/sys/net/ipv4/conf/$all/rp_filter; done
      ip link add switch type bridge mcast_snooping 0
      ip link set switch up
      ip link add here type veth peer name "$link" address "$hardware" netns "/proc/$caller/ns/net"
      ip link set here master switch up
      bridge link set dev here learning off
      bridge fdb add "$hardware" dev here master static
      echo ready
      while :; do sleep 1000000 & wait; done
      """;

  /**
   * A host: an interface on the switch; /proc, /run and /dev/shm that are empty; an /etc of its own
   * over the machine's; a name; and what an SSH server needs. One of the two below follows, and
   * waits for whoever is left without a parent, as init does.
   *
   * <p>Nobody has to ask for a hardware address, because all are written down: a host that is cut
   * off is silent then, where "no route to host" would tell.
   */
  static final String FURNISH =
      """
      home=$1 name=$2 switch=$3 address=$4 hardware=$5 sshd=$6 neighbours=$7
      [ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
      ip link add eth0 address "$hardware" type veth peer name "$name" netns "$switch"
      nsenter --net="$switch" sh -ec '
        ip link set "$1" master switch up
        bridge link set dev "$1" learning off
        bridge fdb add "$2" dev "$1" master static' sh "$name" "$hardware"
      ip link set lo up
      ip link set eth0 up
      ip addr add "$address/24" dev eth0
      ip -batch "$neighbours"
      mount -t proc proc /proc
      mount -t tmpfs -o mode=1777 tmpfs /dev/shm
      mount -t tmpfs -o mode=0755 tmpfs /run
      mkdir -m 0755 /run/sshd
      mkdir -m 1777 /run/lock
      mkdir -p "$home/etc"
      mount -t tmpfs -o mode=0755 tmpfs "$home/etc"
      mkdir -m 0755 "$home/etc/upper" "$home/etc/work"
      mount -t overlay -o "lowerdir=/etc,upperdir=$home/etc/upper,workdir=$home/etc/work" hosts /etc
      umount -l "$home/etc"
      rmdir "$home/etc"
      echo "$name" >/proc/sys/kernel/hostname
      echo "$name" >/etc/hostname
      rm -f /etc/hosts
      printf '127.0.0.1 localhost\\n%s %s\\n' "$address" "$name" >/etc/hosts
      chmod 0644 /etc/hosts /etc/hostname
      grep -q '^sshd:' /etc/passwd ||
        echo 'sshd:x:64998:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
      sed -i 's/^root:!/root:*/' /etc/shadow
      sed -i 's#^\\(root:.*:\\)[^:]*$#\\1/bin/sh#' /etc/passwd
      [ -e "$home/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$home/host_key"
      "$sshd" -t -f "$home/sshd_config"
      """;

  /** The SSH server of a host that has nobody else to start it. */
  static final String SERVE =
      """
      while :; do
        "$sshd" -D -e -f "$home/sshd_config" &
        wait $! || :
        sleep 1
      done
      """;

  /** Packets from and to a host vanish. */
  static final String CUT_OFF =
      """
      name=$1
      bridge link set dev "$name" state 0
      ip link del "x-$name" 2>/dev/null || :
      """;

  /**
   * What is sent to a host reaches something with its addresses on which nobody listens and which
   * knows of no connection, as if the host had just come up: the kernel answers with resets. Those
   * who only listen to the host get theirs from the host itself, as its connections are closed.
   */
  static final String RESET =
      """
      name=$1 hardware=$2 address=$3 neighbours=$4 network=$5 range=$6
      ip link del "x-$name" 2>/dev/null || :
      ip link add "x-$name" address "$hardware" type veth peer name "y-$name"
      ip link set "y-$name" master switch up
      bridge link set dev "y-$name" learning off
      ip link set "x-$name" up
      ip addr add "$address/24" dev "x-$name"
      sed "s/dev eth0/dev x-$name/" "$neighbours" | ip -batch -
      bridge fdb replace "$hardware" dev "y-$name" master static
      nsenter --net="$network" ss -K -t dst "$range" and not dst "$address" || :
      bridge link set dev "$name" state 0
      """;

  /** All is as it was. */
  static final String JOIN =
      """
      name=$1 hardware=$2
      bridge fdb replace "$hardware" dev "$name" master static
      bridge link set dev "$name" state 3
      ip link del "x-$name" 2>/dev/null || :
      """;

  /** This machine's own end. */
  static final String HERE =
      """
      link=$1 address=$2 neighbours=$3
      [ ! -e /proc/sys/net/ipv6 ] || echo 1 >"/proc/sys/net/ipv6/conf/$link/disable_ipv6"
      ip addr add "$address/24" dev "$link"
      ip link set "$link" up
      sed "s/dev eth0/dev $link/" "$neighbours" | ip -batch -
      """;

  private HostScripts() {}
}
