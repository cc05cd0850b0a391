import Foundation
import RolloutEngine

/// What is run on a device to change it under a revert timer. Pure text.
///
/// In the state folder, for the mark M of an order:
///
///     M.sh        puts the base back; also the code of the timer
///     M.armed     the timer waits: deadline (1/100 s since boot), process, its start, boot identity
///     M.fired     the timer is putting the base back      M.reverted, M.failed   it has, or tried to
///     M.busy      a change is being applied, by that process
///     M.applied   every command of the change has succeeded
///     M.log       what the timer did and printed
///
/// `M.armed` is the lock: whoever renames it away, the timer or the disarming, has won. A rename happens once.
///
/// A timer ends with the machine. So that a restart within the window ends in the base as well, the machine is told to run
/// `M.sh boot` when it starts (`BootEntry`).
struct RevertScripts: Sendable {
    /// The order's mark.
    let mark: String
    /// What is read back.
    let scope: LinuxScope
    /// What runs the script again when the machine was restarted.
    let bootEntry: BootEntry
    /// What makes the target true.
    let forward: LinuxTransition
    /// What makes the base true again, whatever came of `forward`.
    let backward: LinuxTransition

    /// The folder where timers keep their state, unless a device's variable `rollout_state_dir` says otherwise.
    static let defaultFolder = "/var/lib/rollout"

    /// The scripts for an order.
    ///
    /// - Throws: `DriverError` with `.unsupported`, effect `.none`, for anything that could not be said as plain data.
    init(_ order: PushOrder) throws(DriverError) {
        guard ShellText.isMark(order.mark) else {
            throw DriverError(
                .unsupported, "the mark '\(order.mark)' must be letters, digits, '.', '_' and '-'", effect: .none)
        }
        guard (1000...86_400_000).contains(order.revertAfter.milliseconds) else {
            throw DriverError(.unsupported, "a revert timer of \(order.revertAfter) is not 1s to 1d", effect: .none)
        }
        for section in order.desired.sections {
            if ([section.name, section.hint ?? "", section.check ?? ""] + section.lines).contains(
                where: ShellText.holdsMarkers)
            {
                throw DriverError(
                    .unsupported, "'\(section.name)' still holds '{{' or '{%': a template was not rendered",
                    effect: .none)
            }
        }
        var hints: [String: String] = [:]
        for section in order.desired.sections { hints[section.name] = section.hint }
        mark = order.mark
        scope = try LinuxScope(order.scope, on: order.device)
        bootEntry = BootEntry(script: "\(scope.stateFolder)/\(order.mark).sh")
        var hintsBack = hints
        for section in order.desired.sections where section.name.hasPrefix("file ") {
            guard scope.bird?.owns(String(section.name.dropFirst(5))) == true else { continue }
            guard section.hint == nil else {
                throw DriverError(
                    .unsupported, "\(section.name.dropFirst(5)): BIRD is told of its files anyway; leave reload out",
                    effect: .none)
            }
            hints[section.name] = "bird_load timeout \((order.revertAfter.milliseconds + 999) / 1000)"
            hintsBack[section.name] = "bird_load"
        }
        forward = try LinuxTransition(to: order.desired, from: order.base, hints: hints)
        backward = try LinuxTransition(to: order.base, from: order.desired, hints: hintsBack)
    }

    /// The state folder.
    var stateFolder: String { scope.stateFolder }

    /// The state folder of a device.
    ///
    /// - Throws: `DriverError` with `.unsupported` when its variable is not an absolute path.
    static func folder(of device: Device) throws(DriverError) -> String {
        let folder = device.variables["rollout_state_dir"]?.description ?? defaultFolder
        guard ShellText.isPath(folder) else {
            throw DriverError(
                .unsupported, "\(device.name): rollout_state_dir '\(folder)' is not the absolute path of a folder",
                effect: .none)
        }
        return folder
    }

    /// The script that lies on the device: `wait DEADLINE` is the timer. Exact bytes, as they are read back.
    var revertScript: String {
        """
        # Puts back what rollout changed here unless it is confirmed in time. Written by rollout; not to be edited.
        rollout_main() {
        \(ShellPrelude.functions)
        S=\(ShellText.quoted(stateFolder)); M=\(ShellText.quoted(mark))
        \(([Self.stopApplying, bootEntry.functions] + scope.functions).joined(separator: "\n"))
        revert() {
        bad=0
        \(backward.steps.map { "\($0.command) || bad=1" }.joined(separator: "\n"))
        return "$bad"
        }
        \(Self.timer)
        }
        rollout_main "$@" </dev/null; exit

        """
    }

    /// Reads the device, and nothing else.
    static func read(_ scope: LinuxScope) -> ShellScript {
        ShellScript(
            stateFolder: scope.stateFolder, body: scope.functions + LinuxReading.questions(scope))
    }

    /// Writes the revert script, starts the timer, and prints both as they are then.
    func arm(revertAfter: Timespan) -> ShellScript {
        let encoded = Data(revertScript.utf8).base64EncodedString()
        let hundredths = (revertAfter.milliseconds + 9) / 10
        return script([
            #"""
            arm() {
              mkdir -p "$S" && chmod 700 "$S" || return 1
              for path in "$S"/*.armed "$S"/*.fired; do
                if [ -e "$path" ]; then echo "another timer is pending: ${path##*/}"; return 1; fi
              done
              command -v setsid >/dev/null || { echo 'setsid is missing (util-linux, busybox)'; return 1; }
              find "$S" -type f -mtime +30 ! -name '*.armed' -exec rm -f {} + 2>/dev/null
              forget log || return 1
              if printf '%s' "$1" | base64 -d >"$S/$M.new" && mv -f "$S/$M.new" "$S/$M.sh" && enter_boot; then :
              else forget; return 1; fi
              setsid /bin/sh "$S/$M.sh" wait $(( $(now) + $2 )) </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
              timer=$!
              tries=0
              while [ ! -f "$S/$M.armed" ]; do
                tries=$((tries+1))
                if [ "$tries" -gt 30 ] || [ -z "$(start_of "$timer")" ]; then
                  kill -9 "$timer" 2>/dev/null; forget; echo 'the timer did not start'; return 1
                fi
                sleep 0.1 2>/dev/null || sleep 1
              done
            }
            """#,
            "complaint=$(arm \(ShellText.quoted(encoded)) \(hundredths) 2>&1); armed=$?",
            #"say arm "$armed" "$complaint""#,
            #"ask script sha256sum "$S/$M.sh""#,
            #"set -- $(cat "$S/$M.armed" 2>/dev/null)"#,
            #"say process 0 "$(tr '\0' ' ' <"/proc/${2:-none}/cmdline" 2>/dev/null)""#,
        ])
    }

    /// Applies the change as long as the timer waits, says how each command ended, and reads back.
    func apply() -> ShellScript {
        script(
            [
                Self.outputFile,
                #"""
                # step NAME COMMAND...: nothing is run after a failure.
                step() {
                  [ "$bad" = 0 ] || return
                  title=$1; shift
                  "$@" >"$out" 2>&1
                  bad=$?
                  say "step $title" "$bad" "$(head -c 4000 "$out")"
                }
                bad=0
                # First say who we are, then look for the timer: the timer does it the other way round, so one sees the other.
                echo "0 $$ $(start_of $$) $(cat /proc/sys/kernel/random/boot_id)" >"$S/$M.busy" || bad=1
                read -r deadline timer start boot <"$S/$M.armed" || bad=1
                [ "$bad" = 0 ] && runs "$timer" "$start" && [ $((deadline - $(now))) -gt 50 ] || bad=1
                say timer "$bad" ''
                """#,
            ] + forward.steps.map { "step \(ShellText.quoted($0.title)) \($0.command)" } + [
                #"[ "$bad" = 0 ] && echo done >"$S/$M.applied""#,
                #"rm -f "$S/$M.busy" "$S/$M.out""#,
            ])
    }

    /// Whether BIRD loads its files, under a timer of its own.
    var loadsBird: Bool { forward.steps.contains { $0.title.hasPrefix("reload bird_load ") } }

    /// Takes the timer away, if it can still be taken, and reads back. BIRD's own goes first: cut off in between, ours goes back.
    func disarm() -> ShellScript {
        script([
            Self.takeTimer,
            loadsBird ? "confirm() { bird configure confirm >/dev/null 2>&1; }" : "confirm() { :; }",
            #"if confirm && take_timer; then won=0; forget log; else won=1; fi"#,
            #"say disarm "$won" ''"#,
        ])
    }

    /// Puts the base back, then takes the timer away, and reads back. The timer waits on meanwhile, in case we are cut off.
    func rollBack() -> ShellScript {
        script(
            [
                Self.stopApplying, Self.takeTimer, Self.outputFile,
                #"""
                bad=0
                undo() {
                  title=$1; shift
                  "$@" >"$out" 2>&1 || { bad=1; say "undo $title" 1 "$(head -c 4000 "$out")"; }
                }
                stop_applying
                """#,
            ] + backward.steps.map { "undo \(ShellText.quoted($0.title)) \($0.command)" } + [
                #"""
                take_timer
                # It may have been too late for that: then let the timer finish, it does the same.
                tries=0
                while [ -f "$S/$M.fired" ] && [ "$tries" -lt 20 ]; do
                  read -r deadline timer start boot <"$S/$M.fired"
                  runs "$timer" "$start" || break
                  tries=$((tries+1)); sleep 1
                done
                rm -f "$S/$M.out"
                if [ "$bad" = 0 ]; then forget; fi
                say rollback "$bad" ''
                """#
            ])
    }

    private func script(_ body: [String]) -> ShellScript {
        ShellScript(
            stateFolder: stateFolder,
            body: ["M=\(ShellText.quoted(mark))", bootEntry.functions, Self.forget] + scope.functions + body
                + LinuxReading.questions(scope))
    }

    /// Removes what lies in the state folder for this mark; the log only when asked.
    private static let forget = #"""
        forget() {
          for kind in sh armed fired reverted failed applied busy out taken new part "$@"; do
            rm -f "$S/$M.$kind" || return 1
          done
          leave_boot
        }
        """#

    /// Where a command's output goes: through a file, as what a reload command leaves running may keep it open. A full or
    /// missing disk is no reason not to run the command.
    private static let outputFile = #"""
        out="$S/$M.out"; { true >"$out"; } 2>/dev/null || out=/dev/null
        """#

    /// Stops a change that is still being applied: it must not go on while the base is put back.
    private static let stopApplying = #"""
        stop_applying() {
          [ -f "$S/$M.busy" ] || return 0
          read -r zero applier start boot <"$S/$M.busy"
          if runs "$applier" "$start"; then kill -9 "$applier"; sleep 1; fi
          rm -f "$S/$M.busy"
        }
        """#

    /// Takes the armed timer away; fails when there is none or when it was faster.
    private static let takeTimer = #"""
        take_timer() {
          [ -f "$S/$M.armed" ] && mv "$S/$M.armed" "$S/$M.taken" 2>/dev/null || return 1
          read -r deadline timer start boot <"$S/$M.taken"
          if runs "$timer" "$start"; then kill -9 "$timer"; fi
          rm -f "$S/$M.taken"
        }
        """#

    /// Waits by the clock that also runs while the machine sleeps, in steps short enough to notice. That it was disarmed is
    /// seen at each step. The log is no reason to fail: a full disk must not keep the base from being put back.
    private static let timer = #"""
        [ "$1" = wait ] || [ "$1" = boot ] || { revert; return; }
        trap '' HUP
        cd / || return
        log="$S/$M.log"
        end() {
          if [ "$bad" = 0 ]; then end=reverted; else end=failed; fi
          echo "$(date -u) $1: put the base back, $end" >>"$log"
          mv "$S/$M.fired" "$S/$M.$end"
          leave_boot
        }
        this=$(cat /proc/sys/kernel/random/boot_id)
        if [ "$1" = boot ]; then
          # Not confirmed, and the timer is gone with the machine that was. Of what the base needs some may not be up yet.
          for kind in armed fired; do
            [ -f "$S/$M.$kind" ] || continue
            read -r deadline timer start boot <"$S/$M.$kind"
            [ "$boot" != "$this" ] || return 0
          done
          [ ! -f "$S/$M.armed" ] || mv "$S/$M.armed" "$S/$M.fired"
          [ -f "$S/$M.fired" ] || { leave_boot; return 0; }
          echo "$(now) $$ $(start_of $$) $this" >"$S/$M.part" && mv "$S/$M.part" "$S/$M.fired"
          rm -f "$S/$M.busy"
          { true >"$log"; } 2>/dev/null || log=/dev/null
          tries=0
          until revert >>"$log" 2>&1; do
            tries=$((tries+1)); [ "$tries" -lt 120 ] || break
            sleep 5
          done
          end 'restarted before it was confirmed'
          return 0
        fi
        deadline=$2
        own="$deadline $$ $(start_of $$) $this"
        echo "$own" >"$S/$M.part" && [ "$(cat "$S/$M.part")" = "$own" ] && mv "$S/$M.part" "$S/$M.armed" || { rm -f "$S/$M.part"; return 1; }
        while left=$((deadline - $(now))); [ "$left" -gt 0 ]; do
          [ "$(cat "$S/$M.armed" 2>/dev/null)" = "$own" ] || return 0
          if [ "$left" -gt 600 ]; then sleep 5; else sleep 1; fi
        done
        [ "$(cat "$S/$M.armed" 2>/dev/null)" = "$own" ] || return 0
        # Not renamed and still there: a broken disk, not a disarming.
        mv "$S/$M.armed" "$S/$M.fired" || [ -f "$S/$M.armed" ] || return 0
        { true >"$log"; } 2>/dev/null || log=/dev/null
        stop_applying >>"$log" 2>&1
        revert >>"$log" 2>&1
        end 'not confirmed in time'
        """#
}
