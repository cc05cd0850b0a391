import RolloutEngine

/// A script for `/bin/sh -s`: POSIX, for dash, bash and busybox alike. Pure.
///
/// The whole of it is one function that is called on the last line. A shell that was fed only a part of it, because the
/// connection broke, finds a syntax error and runs nothing.
struct ShellScript: Sendable {
    /// Names the report, so that no other output passes for it.
    let nonce: String
    /// The script.
    let text: String

    /// How it is started on a device. Nothing of it is on a command line, where others could read it.
    static let interpreter = "/bin/sh -s"

    /// A script that prints a report around what its body says.
    init(stateFolder: String, body: [String]) {
        let lines = Self.setup(stateFolder: stateFolder) + body
        let name = Digest(of: lines.joined(separator: "\n")).short
        nonce = name
        text =
            (["rollout_main() {"] + lines.prefix(Self.setupCount)
            + ["echo '@@begin \(name)'"] + lines.dropFirst(Self.setupCount)
            + ["echo \"@@end \(name) $said\"", "}", "rollout_main </dev/null", ""]).joined(separator: "\n")
    }

    private static let setupCount = 2

    private static func setup(stateFolder: String) -> [String] {
        [ShellPrelude.functions, "S=\(ShellText.quoted(stateFolder))"]
    }
}

/// The shell functions that all scripts share.
enum ShellPrelude {
    /// `say`, `ask`, `now`, `start_of`, `checked`, `put`, `unshape`.
    static let functions = #"""
        LC_ALL=C; export LC_ALL
        PATH="$PATH:/usr/sbin:/sbin:/usr/bin:/bin"; export PATH
        umask 077
        said=0
        # say NAME STATUS TEXT: one entry of the report.
        say() { said=$((said+1)); printf '@%s %s %s\n%s\n' "$1" "$2" "${#3}" "$3"; }
        # ask NAME COMMAND...: runs a command that changes nothing; its complaints are shown only when it fails.
        ask() {
          asked=$1; shift
          if answer=$("$@" 2>/dev/null); then say "$asked" 0 "$answer"
          else answer=$("$@" 2>&1); say "$asked" "$?" "$answer"; fi
        }
        # now: the time since boot, with time asleep, in hundredths of a second.
        now() { read -r up rest </proc/uptime; hundredths=${up#*.}; echo $(( ${up%.*} * 100 + 1$hundredths - 100 )); }
        # start_of PID: when a living process began, in ticks since boot; tells it from a later one of the same number.
        start_of() {
          stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
          set -- ${stat##*) }
          [ "$1" != Z ] && [ "$1" != X ] && echo "${20}"
        }
        # runs PID START: whether exactly this process lives.
        runs() { [ -n "$2" ] && [ "$(start_of "$1")" = "$2" ]; }
        # checked FILE COMMAND...: runs a command with FILE where %s stands.
        checked() {
          file=$1; shift
          for word in "$@"; do
            case $word in *%s*) word="${word%%%s*}$file${word#*%s}" ;; esac
            set -- "$@" "$word"; shift
          done
          "$@"
        }
        # put PATH MODE BASE64 [COMMAND...]: replaces a file in one step, durable, keeping its owner, if the command lets it.
        put() {
          part="${1%/*}/.rollout.$$.${1##*/}"
          rm -f "$part"
          if [ -f "$1" ]; then cp -p "$1" "$part"; fi &&
            printf '%s' "$3" | base64 -d >"$part" && chmod "$2" "$part" &&
            { [ "$#" -lt 4 ] || (shift 3; checked "$part" "$@"); } &&
            { sync "$part" 2>/dev/null || sync; } && mv -f "$part" "$1" && return 0
          failed=$?; rm -f "$part"; return "$failed"
        }
        # unshape INTERFACE: takes the root away; that there is none is success.
        unshape() {
          tc qdisc del dev "$1" root >/dev/null 2>&1
          left=$(tc qdisc show dev "$1" 2>&1)
          case $left in *' 0: root'*) return 0 ;; *) echo "$left"; return 1 ;; esac
        }
        """#
}
