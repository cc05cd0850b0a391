/// The shell functions that police interfaces with `tc`.
enum PolicingShell {
    /// `police`, `unpolice`.
    static let functions = #"""
        # police_at PREFERENCE INTERFACE WAY WORD...: adds one policer for all packets. Without mtu it would drop what was gathered
        # into more than 2 KiB, whatever the rate.
        police_at() {
          pref=$1; name=$2; way=$3; shift 3
          tc filter add dev "$name" "$way" pref "$pref" handle 1 protocol all matchall \
            action police "$@" mtu 65536 conform-exceed drop
        }
        # police INTERFACE WAY WORD...: puts a policer in place of what is there. One of this kind cannot be changed, so that
        # another stands in for it meanwhile: traffic is never free.
        police() {
          tc qdisc add dev "$1" clsact >/dev/null 2>&1
          police_at 49151 "$@" >/dev/null 2>&1
          tc filter del dev "$1" "$2" pref 49152 >/dev/null 2>&1
          police_at 49152 "$@" || return
          tc filter del dev "$1" "$2" pref 49151 >/dev/null 2>&1
          return 0
        }
        # unpolice INTERFACE WAY [keep]: takes the policer away; that there is none is success. The hook goes with the last
        # thing that hangs on it, in either direction, unless it is to be kept.
        unpolice() {
          for pref in 49151 49152; do tc filter del dev "$1" "$2" pref "$pref" >/dev/null 2>&1; done
          left=$(tc filter show dev "$1" "$2" 2>&1)
          [ -z "$left" ] || { echo "$left"; return 1; }
          [ "$3" != keep ] || return 0
          left=$(tc filter show dev "$1" ingress 2>&1; tc filter show dev "$1" egress 2>&1)
          [ -z "$left" ] || return 0
          tc qdisc del dev "$1" clsact >/dev/null 2>&1
          left=$(tc qdisc show dev "$1" 2>&1)
          case $left in *'qdisc clsact '*) echo "$left"; return 1 ;; esac
        }
        """#
}
