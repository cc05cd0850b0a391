import RolloutEngine

/// The shell scripts that start and keep alive what runs in one namespace. Pure.
///
/// Each namespace is a small container: own hostname, own processes, own /etc, /run, /var, /tmp and /root in memory, and the
/// machine's files read-only. Its first process ends with the outer one, and all others with the first: one kill clears it.
enum KeeperScripts {
    /// Started on the machine: `keeper LAB NAMESPACE ARGUMENTS…`. Writes down who it is before it does anything else.
    static let outer = """
        #!/bin/sh
        # Written by rollout lab up; ended by rollout lab down.
        set -eu
        cd /
        lab=$1 namespace=$2; shift 2
        stat=$(cat "/proc/$$/stat"); set -- "$@" -- ${stat##*) }
        arguments=''
        while [ "$1" != -- ]; do arguments="$arguments $1"; shift; done
        shift; shift 19
        echo "$$ $1" >"$lab/run/$namespace.new"
        mv "$lab/run/$namespace.new" "$lab/run/$namespace.pid"
        exec ip netns exec "$namespace" unshare --uts --mount --propagation private --pid --fork --kill-child \\
          --mount-proc sh "$lab/bin/inside" "$lab" $arguments

        """

    /// Run as the first process of a namespace: `inside LAB device NAME SINK PORT OFFERED RUNS PLATFORM INTERFACE RATE SSH`,
    /// `inside LAB router NAME` or `inside LAB core NAME FIRST-PORT COUNT`.
    static let inner = """
        #!/bin/sh
        # Written by rollout lab up: makes a place of its own and keeps its services alive.
        set -eu
        lab=$1 role=$2 name=$3; shift 3
        export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin MIBS= LC_ALL=C.UTF-8
        hostname "$name"
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null || :
        # Of the congestion controls, the one that every kernel has also follows a changed cap soonest (BBR takes seconds).
        echo reno 2>/dev/null >/proc/sys/net/ipv4/tcp_congestion_control || :
        [ "$role" = device ] || echo 1 >/proc/sys/net/ipv4/ip_forward

        # What is to be read-only: every file system that is there now, but those of the kernel.
        mounts=$(while read -r _ _ _ _ place _; do echo "$place"; done </proc/self/mountinfo)

        own=$lab/own
        mount -t tmpfs -o size=32m,mode=755 rollout-lab "$own"
        mkdir -p "$own/etc/ssh" "$own/etc/snmp" "$own/etc/rollout-lab" "$own/run/sshd" "$own/run/lock" \\
          "$own/run/rollout-lab" "$own/var/lib/snmp" "$own/var/log" "$own/var/cache" "$own/var/tmp" "$own/tmp" \\
          "$own/root"
        chmod 1777 "$own/tmp" "$own/var/tmp" "$own/run/lock"; chmod 700 "$own/root"
        ln -s /run "$own/var/run"; ln -s /run/lock "$own/var/lock"
        for file in alternatives pam.d ld.so.cache ld.so.conf ld.so.conf.d iproute2 protocols services localtime; do
          if [ -e "/etc/$file" ]; then cp -a "/etc/$file" "$own/etc/"; fi
        done
        cp "$lab"/etc/passwd "$lab"/etc/shadow "$lab"/etc/group "$lab"/etc/nsswitch.conf "$own/etc/"
        echo "$name" >"$own/etc/hostname"
        echo "127.0.0.1 localhost $name" >"$own/etc/hosts"
        cp "$lab/etc/snmpd.conf" "$own/etc/snmp/"
        echo "sysName $name" >>"$own/etc/snmp/snmpd.conf"
        community=$(cat "$lab/community")
        if [ "$role" = device ]; then
          cp "$lab/etc/sshd_config" "$own/etc/ssh/"
          cp "$lab/key.pub" "$own/etc/ssh/authorized_keys"
          cp "$lab/etc/bird.conf" "$lab/etc/frr.conf" "$lab/etc/slow-shell" "$own/etc/rollout-lab/"; chmod 755 "$own/etc/rollout-lab/slow-shell"
          ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$own/etc/ssh/host_key"
          cp "$own/etc/ssh/host_key.pub" "$lab/run/$name.pub.new"
          mv "$lab/run/$name.pub.new" "$lab/run/$name.pub"
        fi
        # A router or switch is this program behind the SSH server.
        played=''
        if [ "$role" = device ] && [ "$4" = played ]; then
          played=/run/rollout-lab/rollout
          touch "$own$played"
          mount --bind "$lab/bin/rollout" "$own$played"
          cp -p "$lab/enable" "$own/run/rollout-lab/enable"
          if [ "$8" = modern ]; then cat "$lab/etc/sshd_modern" >>"$own/etc/ssh/sshd_config"; fi
          echo "ForceCommand $played lab console /run/rollout-lab/console" >>"$own/etc/ssh/sshd_config"
        fi
        for place in $mounts; do
          case $place in
            /proc|/proc/*|/sys|/sys/*|/dev|/dev/*|/etc/*|/run/*|/var/*|/tmp/*|/root/*) ;;
            *) mount -o remount,bind,ro "$place" 2>/dev/null || : ;;
          esac
        done
        # The lab's own folder may lie below one of these places, so they are reached from elsewhere.
        mount --rbind "$own" /mnt
        for place in etc run var tmp root; do mount --rbind "/mnt/$place" "/$place"; done
        umount -R /mnt
        cd /root; export HOME=/root USER=root
        unset TMPDIR TMP TEMP # whoever started the lab has one that is not here

        # keep SERVICE COMMAND...: runs it again whenever it ends, unless a fault holds it off.
        keep() {
          service=$1; shift
          while :; do
            while [ -e "/run/rollout-lab/hold-$service" ]; do sleep 0.5; done
            "$@" </dev/null >/dev/null || :
            sleep 0.5
          done
        }
        # Counters are cached for 3 s unless it is told otherwise: one second lets a short soak see something.
        fresh() {
          tries=0
          for table in 1.3.6.1.2.1.2.2 1.3.6.1.2.1.31.1.1 1.3.6.1.2.1.4 1.3.6.1.2.1.4.31.1; do
            while ! snmpset -v2c -t 0.5 -r 0 -c "$community-cache" 127.0.0.1 \\
              "1.3.6.1.4.1.8072.1.5.3.1.2.$table" i 1 >/dev/null 2>&1; do
              tries=$((tries+1)); if [ "$tries" -gt 12 ]; then break; fi
              sleep 0.2
            done
          done
        }
        agent() { fresh & snmpd -f -LE 3 -C -c /etc/snmp/snmpd.conf -I -smux; }

        # The interface becomes a port of a switch, which has the host's address and shapes in its own way.
        openvswitch() {
          mkdir -p /run/openvswitch /etc/openvswitch /var/log/openvswitch
          ovsdb-tool create /etc/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
          keep ovsdb ovsdb-server /etc/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock &
          until [ -S /run/openvswitch/db.sock ]; do sleep 0.1; done
          ovs-vsctl --no-wait init
          keep vswitch ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile=/run/openvswitch/ovs-vswitchd.pid &
          address=$(ip -4 -o addr show dev e0 | awk '{print $4}')
          gateway=$(ip route show default | awk '{print $3}')
          tc qdisc del dev e0 root
          ovs-vsctl --timeout=20 add-br br0 -- set bridge br0 datapath_type=netdev \\
            "other-config:hwaddr=\\"$(cat /sys/class/net/e0/address)\\"" -- add-port br0 e0 -- set port e0 qos=@qos \\
            -- --id=@qos create qos type=linux-htb "other-config:max-rate=$1" queues:0=@queue \\
            -- --id=@queue create queue "other-config:max-rate=$1"
          ip addr flush dev e0
          ip addr add "$address" dev br0
          ip link set dev br0 up
          ip route replace default via "$gateway"
        }
        bird() {
          mkdir -p /etc/bird /run/bird
          cp /etc/rollout-lab/bird.conf /etc/bird/
          keep bird /usr/sbin/bird -f -c /etc/bird/bird.conf -s /run/bird/bird.ctl &
        }
        frr() {
          mkdir -p /etc/frr /run/frr /var/log/frr
          echo 'service integrated-vtysh-config' >/etc/frr/vtysh.conf
          sed "s/HOSTNAME/$name/" /etc/rollout-lab/frr.conf >/etc/frr/frr.conf
          chown -R frr:frr /etc/frr /run/frr /var/log/frr; chmod 640 /etc/frr/frr.conf
          keep zebra /usr/lib/frr/zebra -A 127.0.0.1 &
          keep staticd /usr/lib/frr/staticd -A 127.0.0.1 &
          until [ -S /run/frr/zebra.vty ] && [ -S /run/frr/staticd.vty ]; do sleep 0.1; done
          vtysh -b >/dev/null
        }

        case $role in
          device)
            case $4 in
              openvswitch) openvswitch "$7" ;;
              bird|frr) "$4" ;;
            esac
            keep traffic iperf3 -c "$1" -p "$2" -t 0 -i 0 -l 16K -b "$3" --pacing-timer 50000 2>/dev/null &
            if [ -n "$played" ]; then
              "$played" lab console /run/rollout-lab/console --make "$5" --hostname "$name" --ports "$6=e0" --rate "$7bit" \\
                --enable-password /run/rollout-lab/enable
              keep shaping "$played" lab console /run/rollout-lab/console --forward &
            fi
            keep sshd /usr/sbin/sshd -D -e -f /etc/ssh/sshd_config &
            keep snmpd agent & ;;
          router) keep snmpd agent & ;;
          core)
            port=$1; last=$((port + $2))
            while [ "$port" -lt "$last" ]; do
              keep sink iperf3 -s -i 0 -p "$port" 2>/dev/null &
              port=$((port+1))
            done ;;
        esac
        # Waits for ever, and takes in what others leave behind.
        while :; do wait; sleep 1; done

        """

    /// What `inside` is given after the lab's folder, by namespace.
    static func arguments(_ topology: LabTopology) -> [(namespace: String, words: [String])] {
        let core = ["core", "core", "\(LabTopology.firstPort)", "\(topology.devices.count)"]
        return [(topology.core, core)]
            + topology.datacentres.map { (topology.router($0), ["router", "\($0)-router"]) }
            + topology.devices.map { device in
                // Three times the first cap: enough to fill a doubled one, and a ceiling should a cap be lost.
                let offered = "\(device.bandwidth.value * 3)"
                let kind = [
                    device.kind.runs.rawValue, device.kind.platform, device.kind.interface,
                    "\(device.bandwidth.value)", device.kind.isModern ? "modern" : "usual",
                ]
                return (
                    device.namespace,
                    ["device", device.name, LabTopology.sinkAddress, "\(device.port)", offered] + kind
                )
            }
    }
}
