import RolloutEngine

/// What makes a machine run a revert script when it starts: a unit of systemd, or a line for cron where that runs instead. Pure text.
///
/// Only files are written, none of the machine's daemons is told: both read them when the machine starts. The name tells one script
/// from another, as machines that share their `/etc` may each have one.
struct BootEntry: Sendable {
    /// The path of the script.
    let script: String

    /// The name of the unit, and of the file of cron.
    var name: String { "rollout-revert-\(Digest(of: script).short)" }

    /// `enter_boot` has the script run at the next start, or fails and says why; it does nothing where the machine starts things in
    /// neither way. `leave_boot` undoes it.
    var functions: String {
        """
        B=\(ShellText.quoted(name)); U=/etc/systemd/system; W=$U/sysinit.target.wants
        enter_boot() {
          if [ -d /run/systemd/system ]; then
            mkdir -p "$W" && printf '%s\\n' \(unit.map(ShellText.quoted).joined(separator: " ")) >"$U/$B.new" &&
              mv -f "$U/$B.new" "$U/$B.service" && ln -sf "../$B.service" "$W/$B.service"
          elif [ -d /etc/cron.d ] && { pidof cron || pidof crond; } >/dev/null 2>&1; then
            printf '%s\\n' \(ShellText.quoted(cronLine)) >"/etc/cron.d/$B"
          else return 0; fi || { echo 'without that, a restart of the device would leave it changed and unconfirmed'; return 1; }
        }
        leave_boot() {
          for path in "$W/$B.service" "$U/$B.service" "/etc/cron.d/$B"; do
            [ ! -e "$path" ] && [ ! -L "$path" ] || rm -f "$path"
          done
        }
        """
    }

    /// Started before the network is, as it may be the network's files that have to be put back; systemd.unit(5).
    private var unit: [String] {
        [
            "[Unit]",
            "Description=Puts back what rollout changed here, as the machine restarted before it was confirmed",
            "DefaultDependencies=no", "After=local-fs.target", "Before=network-pre.target shutdown.target",
            "Wants=network-pre.target", "Conflicts=shutdown.target", "RequiresMountsFor=\(unitPath)",
            "ConditionPathExists=\(unitPath)", "[Service]",
            "Type=simple", "ExecStart=/bin/sh \(unitPath) boot",
        ]
    }

    /// `ShellText.isPath` lets nothing else through that a unit would read as more than a character.
    private var unitPath: String { script.replacing("%", with: "%%") }

    /// A percent sign would end the line, crontab(5).
    private var cronLine: String { "@reboot root /bin/sh \(script.replacing("%", with: "\\%")) boot" }
}
