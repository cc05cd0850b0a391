import Foundation
import RolloutEngine

/// What one reading of a Linux device said: identity, configuration in scope, and every trace of revert timers. Pure.
struct LinuxReading: Sendable {
    /// The hostname, firmware, model, serial number and configuration.
    var observation: Observation
    /// What lies in the state folder, by mark, in the order of the marks.
    var traces: [RevertTrace]
    /// What BIRD said, where there is one.
    var bird: BirdReading?

    /// What a reading asks for; a part of a script.
    static func questions(_ wanted: LinuxScope) -> [String] {
        let (scope, role) = (wanted.config, wanted.role)
        let interfaces = scope.interfaces.flatMap { name in
            let device = ShellText.quoted(name)
            let disciplines = "ask \(ShellText.quoted("qdisc \(name)")) tc -j -r -d qdisc show dev \(device)"
            switch role {
            case .host, .bird:
                return [
                    disciplines, "ask \(ShellText.quoted("class \(name)")) tc -r -d class show dev \(device)",
                    "ask \(ShellText.quoted("filter \(name)")) tc filter show dev \(device)",
                ]
            case .openVSwitch:
                return [
                    disciplines, "ask \(ShellText.quoted("qos \(name)")) ovs-appctl -t ovs-vswitchd qos/show \(device)",
                ]
            }
        }
        var tables = role == .openVSwitch && !scope.interfaces.isEmpty ? ["ask switch \(SwitchTables.question)"] : []
        if role == .openVSwitch, scope.policed != nil { tables.append("ask policers \(SwitchPolicer.question)") }
        let policers = (scope.policed ?? []).flatMap { traffic in
            let (name, way) = (traffic.interface, traffic.direction.rawValue)
            let device = ShellText.quoted(name)
            return [
                "ask \(ShellText.quoted("hooks-\(way) \(name)")) tc -j qdisc show dev \(device)",
                "ask \(ShellText.quoted(traffic.section)) tc -r -d filter show dev \(device) \(way)",
            ]
        }
        return [
            "ask hostname cat /proc/sys/kernel/hostname",
            "ask boot cat /proc/sys/kernel/random/boot_id",
            "ask system sed -n 's/^PRETTY_NAME=//p' /etc/os-release",
            "ask kernel uname -sr",
            "ask model cat /sys/class/dmi/id/product_name", "ask serial cat /sys/class/dmi/id/product_serial",
        ] + tables + interfaces + policers + (scope.files.isEmpty ? [] : [fileQuestion])
            + scope.files.map { "ask_file \(ShellText.quoted($0))" } + (wanted.bird?.questions(scope.files) ?? [])
            + [traceQuestion]
    }

    /// Status 0: mode, size and content; 1: absent; 2: cannot be supported, and why; 3: cannot be read.
    private static let fileQuestion = #"""
        # unread PATH WHY: what was there a moment ago may be gone now, which is no trouble.
        unread() { if [ -e "$1" ]; then say "file $1" 3 "$2"; else say "file $1" 1 ''; fi; }
        ask_file() {
          if [ -L "$1" ]; then say "file $1" 2 'a symbolic link'; return; fi
          if [ ! -e "$1" ]; then
            why=$(ls -d "$1" 2>&1)
            case $why in *'No such file'*) say "file $1" 1 '' ;; *) say "file $1" 3 "$why" ;; esac
            return
          fi
          if [ ! -f "$1" ]; then say "file $1" 2 'not a regular file'; return; fi
          # One that is written in its place while it is read is read again.
          for pause in 1 1 0; do
            size=$(wc -c <"$1" 2>&1) || { unread "$1" "$size"; return; }
            if [ "$size" -gt 1048576 ]; then say "file $1" 2 "$((size)) bytes, more than 1 MiB"; return; fi
            mode=$(stat -c %a "$1" 2>&1) || { unread "$1" "$mode"; return; }
            content=$(base64 <"$1" 2>&1) || { unread "$1" "$content"; return; }
            [ $(printf '%s' "$content" | base64 -d | wc -c) -eq "$size" ] && break
            sleep "$pause"
          done
          say "file $1" 0 "$mode $((size)) $content"
        }
        """#

    /// One entry for each file in the state folder that is not a script or a log: `trace MARK.KIND`, its content, and for
    /// those that name a process, whether it lives.
    private static let traceQuestion = #"""
        if [ -e "$S" ] && ! ls "$S" >/dev/null 2>&1; then say folder 1 "$(ls "$S" 2>&1)"; else say folder 0 ''; fi
        for path in "$S"/*.armed "$S"/*.fired "$S"/*.reverted "$S"/*.failed "$S"/*.applied "$S"/*.busy; do
          [ -f "$path" ] || continue
          trace=$(cat "$path" 2>/dev/null)
          set -- $trace
          if runs "$2" "$3"; then alive=alive; else alive=dead; fi
          say "trace ${path##*/}" 0 "$alive $trace"
        done
        say uptime 0 "$(now)"
        """#

    /// Understands the answers.
    ///
    /// - Throws: `ShellReport.Garbled` when an answer is not what its question can yield; `DriverError` with `.unsupported`
    ///   for what is well said but cannot be handled.
    init(_ report: ShellReport, scope wanted: LinuxScope) throws {
        let (scope, role) = (wanted.config, wanted.role)
        func fact(_ name: String) throws -> String? {
            let entry = try report.entry(name)
            let text = entry.text.trimmingCharacters(in: .whitespacesAndNewlines)
            return entry.status == 0 && !text.isEmpty ? text : nil
        }
        guard let hostname = try fact("hostname"), let boot = try fact("boot"),
            let uptime = RevertTrace.ticks(try report.entry("uptime").text)
        else { throw ShellReport.Garbled(what: "it has no hostname, boot identity or uptime") }
        bird = try wanted.bird.map { _ in try BirdReading(report) }
        let system = [
            try fact("system")?.trimmingCharacters(in: CharacterSet(charactersIn: "\"'")), try fact("kernel"),
            bird?.version,
        ]
        var sections: [DeviceConfig.Section] = []
        for interface in scope.interfaces {
            var section = DeviceConfig.Section(name: role.section(of: interface), lines: [])
            switch role {
            case .host, .bird: section.lines = try Self.shaping(of: interface, report).lines
            case .openVSwitch:
                let qos = try Self.qos(of: interface, report)
                section.lines = qos.lines
                section.shapedRate = qos.rate
                section.classRates = qos.queueRates
            }
            sections.append(section)
        }
        for traffic in scope.policed ?? [] {
            var section = DeviceConfig.Section(name: traffic.section, lines: [])
            switch role {
            case .host, .bird:
                let policing = try Self.policing(of: traffic, report)
                (section.lines, section.shapedRate) = (policing.lines, policing.rate)
            case .openVSwitch:
                let policer = try Self.policer(of: traffic, report)
                (section.lines, section.shapedRate) = (policer.lines, policer.rate)
            }
            sections.append(section)
        }
        for path in scope.files {
            var lines = try Self.file(path, report).lines
            if let bird, wanted.bird?.owns(path) == true, try !bird.hasLoaded(path, report) {
                lines.insert(BirdDaemon.notLoaded, at: 0)
            }
            sections.append(.init(name: "file \(path)", lines: lines))
        }
        let folder = try report.entry("folder")
        guard folder.status == 0 else {
            throw DriverError(
                .unsupported, "the state folder of revert timers cannot be read: \(folder.text.prefix(200))",
                effect: .none)
        }
        traces = try report.entries(under: "trace ").map {
            try RevertTrace(name: String($0.name.dropFirst(6)), text: $0.text, boot: boot, uptime: uptime)
        }.sorted { ($0.mark, $0.kind.rawValue) < ($1.mark, $1.kind.rawValue) }
        observation = Observation(
            hostname: hostname, firmware: system.compactMap { $0 }.joined(separator: ", "), model: try fact("model"),
            serial: try fact("serial"), config: DeviceConfig(sections: sections),
            pendingRevert: nil)
        observation.pendingRevert =
            traces.first { $0.kind.isPending }.map(pending)
            ?? bird?.undo.map { PendingRevert(mark: BirdReading.foreignMark, remaining: $0) }
    }

    /// What there is of one mark.
    func traces(of mark: String) -> [RevertTrace] { traces.filter { $0.mark == mark } }

    /// The observation as the order with this mark sees it: its own timer is the one that counts, unless there is another.
    func observation(for mark: String) -> Observation {
        var result = observation
        let timers = traces.filter(\.kind.isPending)
        if let shown = timers.first(where: { $0.mark != mark }) ?? timers.first {
            result.pendingRevert = pending(shown)
        }
        return result
    }

    /// A timer and how far the change came that it guards. One that is still being applied may yet be complete.
    private func pending(_ timer: RevertTrace) -> PendingRevert {
        PendingRevert(
            mark: timer.mark, remaining: timer.remaining,
            isComplete: traces(of: timer.mark).contains { $0.kind == .applied || ($0.kind == .busy && $0.isAlive) })
    }

    private static func shaping(of interface: String, _ report: ShellReport) throws -> Shaping {
        let answers = try ["qdisc", "class", "filter"].map { try report.entry("\($0) \(interface)") }
        if let failed = answers.first(where: { $0.status != 0 }) {
            throw DriverError(
                .unsupported,
                "tc cannot show \(interface) (status \(failed.status)): \(failed.text.prefix(200)); needed are an interface of"
                    + " that name and iproute2 4.17 or newer", effect: .none)
        }
        do {
            return try TrafficControlOutput.shaping(
                disciplines: answers[0].output, classes: answers[1].text, filters: answers[2].text)
        } catch {
            throw ShellReport.Garbled(what: "\(interface): \(error.what)")
        }
    }

    private static func policing(of traffic: ConfigScope.Policed, _ report: ShellReport) throws -> Policing {
        let (name, way) = (traffic.interface, traffic.direction.rawValue)
        let (hooks, filters) = (try report.entry("hooks-\(way) \(name)"), try report.entry(traffic.section))
        if let failed = [hooks, filters].first(where: { $0.status != 0 }) {
            throw DriverError(
                .unsupported,
                "tc cannot show what polices \(name) (status \(failed.status)): \(failed.text.prefix(200))",
                effect: .none)
        }
        do {
            return try PolicingOutput.policing(
                disciplines: hooks.output, filters: filters.text, direction: traffic.direction)
        } catch {
            throw ShellReport.Garbled(what: "\(name): \(error.what)")
        }
    }

    private static func policer(of traffic: ConfigScope.Policed, _ report: ShellReport) throws -> SwitchPolicer {
        let (tables, filters) = (try report.entry("policers"), try report.entry(traffic.section))
        guard tables.status == 0 else {
            throw DriverError.unsupported(
                "ovs-vsctl cannot list the switch's interfaces (status \(tables.status)): \(tables.text.prefix(200))")
        }
        guard traffic.direction == .ingress else {
            throw DriverError.unsupported(
                "\(traffic.interface): Open vSwitch polices what comes in alone; what goes out is shaped")
        }
        do {
            guard let policer = try SwitchPolicer(of: traffic.interface, tables.text, shown: filters.text) else {
                throw DriverError.unsupported(
                    "\(traffic.interface) is no interface of this switch; see ovs-vsctl list-ifaces")
            }
            return policer
        } catch let error as SwitchTables.Garbled {
            throw ShellReport.Garbled(what: error.what)
        }
    }

    private static func qos(of port: String, _ report: ShellReport) throws -> PortQoS {
        let (tables, shown, disciplines) = (
            try report.entry("switch"), try report.entry("qos \(port)"), try report.entry("qdisc \(port)")
        )
        guard tables.status == 0 else {
            throw DriverError.unsupported(
                "ovs-vsctl cannot list the switch's ports (status \(tables.status)): \(tables.text.prefix(200)); needed are"
                    + " the rights to, and ovsdb-server running")
        }
        // A port whose packets the kernel never sees has nothing there.
        var beneath: [String] = []
        do {
            if disciplines.status == 0 {
                let output = disciplines.output
                beneath = try TrafficControlOutput.shaping(disciplines: output, classes: "", filters: "").lines
            }
            guard let qos = try SwitchTables(tables.text).qos(of: port, shown: shown.text, beneath: beneath) else {
                throw DriverError.unsupported("\(port) is no port of this switch; see ovs-vsctl list-ports")
            }
            guard shown.status == 0 else {
                throw DriverError.unsupported(
                    "ovs-vswitchd cannot show the QoS of \(port) (status \(shown.status)): \(shown.text.prefix(200)); bonds"
                        + " and ports without an interface of their own name are not shaped")
            }
            return qos
        } catch let error as SwitchTables.Garbled {
            throw ShellReport.Garbled(what: error.what)
        } catch let error as TrafficControlOutput.Garbled {
            throw ShellReport.Garbled(what: "\(port): \(error.what)")
        }
    }

    private static func file(_ path: String, _ report: ShellReport) throws -> FileSection {
        let entry = try report.entry("file \(path)")
        switch entry.status {
        case 0: break
        case 1: return .absent
        case 2: throw DriverError(.unsupported, "\(path): \(entry.text.prefix(200))", effect: .none)
        default: throw DriverError(.refused, "\(path) cannot be read: \(entry.text.prefix(200))", effect: .none)
        }
        let parts = entry.text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        let encoded = parts.count == 3 ? parts[2].utf8.filter { $0 != UInt8(ascii: "\n") } : []
        guard parts.count == 3, let size = number(parts[1], ""), let content = Data(base64Encoded: Data(encoded)),
            content.count == Int(size)
        else {
            throw ShellReport.Garbled(
                what: "\(path): mode, size and content do not fit together; does something write it all the time?")
        }
        // `stat` leaves zeros out.
        let mode = String(repeating: "0", count: max(0, 4 - parts[0].utf8.count)) + parts[0]
        return try FileSection(path: path, mode: mode, content: Array(content))
    }
}
