/// The shell functions that change QoS of Open vSwitch, each in one transaction of its database.
///
/// `ovs-vsctl` returns when the switch has taken the change over, or after its timeout.
enum SwitchShell {
    /// `ovs_shape`, `ovs_reshape`, `ovs_unshape`.
    static let functions = #"""
        # ovs_shape PORT TYPE MAP [QUEUE MAP]...: gives a port a row of its own.
        ovs_shape() {
          set -- "$@" -- set Port "$1" qos=@row -- --id=@row create QoS "type=$2" "other_config=$3"
          shift 3
          made=
          while [ "$1" != -- ]; do
            set -- "$@" "queues:$1=@queue$1"
            made="$made -- --id=@queue$1 create Queue other_config=$2"
            shift 2
          done
          # The maps hold neither spaces nor patterns.
          set -f; ovs-vsctl --timeout=10 "$@" $made >/dev/null; failed=$?; set +f
          return "$failed"
        }
        # ovs_reshape PORT MAP [QUEUE MAP]...: sets the row of a port and those of its queues.
        ovs_reshape() {
          port=$1
          set -- "$@" -- set QoS "$1" "other_config=$2"
          shift 2
          while [ "$1" != -- ]; do
            row=$(ovs-vsctl --timeout=10 get QoS "$port" "queues:$1") || return
            set -- "$@" -- set Queue "$row" "other_config=$2"
            shift 2
          done
          ovs-vsctl --timeout=10 "$@"
        }
        # ovs_unshape PORT: takes the row away; that there is none is success. Rows that are of use elsewhere stay.
        ovs_unshape() {
          row=$(ovs-vsctl --timeout=10 get Port "$1" qos) || return
          [ "$row" != '[]' ] || return 0
          queues=$(ovs-vsctl --timeout=10 get QoS "$row" queues | tr -c '0-9a-f-' '\n' | grep -E '^.{36}$')
          ovs-vsctl --timeout=10 clear Port "$1" qos || return
          ovs-vsctl --timeout=10 destroy QoS "$row" >/dev/null 2>&1 || return 0
          for queue in $queues; do ovs-vsctl --timeout=10 destroy Queue "$queue" >/dev/null 2>&1; done
          return 0
        }
        """#
}
