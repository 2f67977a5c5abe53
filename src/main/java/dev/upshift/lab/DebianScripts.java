package dev.upshift.lab;

/** How a host of {@link SeparateHosts} gets PostgreSQL as Debian installs it, and systemd. */
final class DebianScripts {
  /**
   * After {@link HostScripts#FURNISH}: each version's folder leads to the lab's programs; the data
   * lies in the lab's folder.
   */
  static final String INSTALL =
      """
      group=$8
      shift 8
      over() {
        mkdir -p "$home/over"
        mount -t tmpfs -o mode=0755 tmpfs "$home/over"
        mkdir -m 0755 "$home/over/upper" "$home/over/work"
        mount -t overlay -o "lowerdir=$1,upperdir=$home/over/upper,workdir=$home/over/work" hosts "$1"
        umount -l "$home/over"
        rmdir "$home/over"
      }
      over /usr/lib
      rm -rf /etc/postgresql/*
      mkdir -p /usr/lib/postgresql /etc/postgresql "$home/postgresql"
      for version in "$@"; do
        usual=/usr/lib/postgresql/${version%%=*}
        [ "${version#*=}" = "$usual" ] || { rm -rf "$usual"; ln -s "${version#*=}" "$usual"; }
      done
      chown postgres:postgres /etc/postgresql "$home/postgresql"
      mount --bind "$home/postgresql" /var/lib/postgresql
      mount -t tmpfs -o mode=0755 tmpfs /var/log
      install -d -m 1775 -o root -g postgres /var/log/postgresql
      install -d -m 2775 -o postgres -g postgres /run/postgresql
      """;

  /**
   * After {@link #INSTALL}: the shell becomes systemd, in a control group of its own. Its units are
   * ours, PostgreSQL's and the few that these need: a host's own would clear the machine's /tmp,
   * mount its disks and start its daemons.
   */
  static final String BECOME_SYSTEMD =
      """
      for tree in /sys/fs/cgroup/unified /sys/fs/cgroup; do
        if [ -e "$tree/cgroup.controllers" ]; then
          mkdir -p "$tree/$group"
          echo $$ >"$tree/$group/cgroup.procs"
          break
        fi
      done
      units=/usr/lib/systemd/system generators=/usr/lib/systemd/system-generators
      mkdir "$home/kept"
      cp $units/postgresql.service $units/postgresql@.service $units/sysinit.target \\
        $units/basic.target $units/shutdown.target $units/multi-user.target \\
        $units/systemd-journald.service $units/systemd-journald.socket \\
        $units/systemd-journald-dev-log.socket $generators/postgresql-generator "$home/kept"
      mount -t tmpfs -o mode=0755 tmpfs $units
      mount -t tmpfs -o mode=0755 tmpfs $generators
      mv "$home/kept/postgresql-generator" $generators
      mv "$home/kept"/* $units
      rmdir "$home/kept"
      rm -rf /etc/systemd/system/*
      cat >$units/upshift.target <<END
      [Unit]
      Wants=upshift-sshd.service postgresql.service
      END
      cat >$units/upshift-sshd.service <<END
      [Service]
      ExecStart=$sshd -D -e -f $home/sshd_config
      Restart=always
      RestartSec=1
      KillMode=process
      END
      mkdir $units/postgresql@.service.d
      cat >$units/postgresql@.service.d/again.conf <<END
      # What many operators add.
      [Service]
      Restart=always
      RestartSec=1
      END
      exec unshare --cgroup -- sh -ec '
        umount -l /sys/fs/cgroup
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        export container=upshift
        exec /lib/systemd/systemd --system --unit=upshift.target --log-target=journal \\
          --show-status=no'
      """;

  private DebianScripts() {}
}
