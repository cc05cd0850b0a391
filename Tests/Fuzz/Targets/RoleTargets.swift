#if DEBUG
@testable import DeviceDrivers
@testable import RolloutEngine

/// What a Linux device says that is more than a host.
extension FuzzTarget {
    /// Open vSwitch: what `ovs-vsctl` lists, what `qos/show` says of the port that is asked for, and lines of what `tc` has
    /// beneath.
    static func readSwitchTables(_ bytes: [UInt8]) throws(BrokenPromise) {
        let given = parts(bytes, 3)
        let shown = text(given[1])
        let beneath = text(given[2]).split(separator: "\n").map(String.init)
        func read() throws(SwitchTables.Garbled) -> [PortQoS?] {
            let tables = try SwitchTables(text(given[0]))
            return ["p0", "p1", ""].map { tables.qos(of: $0, shown: shown, beneath: beneath) }
        }
        let found: [PortQoS?]
        do throws(SwitchTables.Garbled) {
            found = try read()
        } catch {
            return try promise(!error.what.isEmpty, "refused without a reason")
        }
        try promise((try? read()) == found, "read twice, it says two things")
        for case .some(let qos) in found { try hold(qos, shown, beneath) }
    }

    private static func hold(_ qos: PortQoS, _ shown: String, _ beneath: [String]) throws(BrokenPromise) {
        let again = PortQoS(lines: qos.lines)?.lines
        try promise(isSame(again ?? ["nothing"], qos.lines), "\(qos.lines) reads back as \(again ?? [])")
        switch qos {
        case .none: try promise(beneath.isEmpty, "what tc has beneath is passed over")
        case .foreign(let found): try promise(!found.isEmpty, "refused without a reason")
        case .row(let row):
            try promise(PortQoS(lines: qos.lines) == qos, "\(qos.lines) does not say all of \(row)")
            let rates = shown.split(separator: "\n").compactMap { line in
                line.split(separator: " ").last.flatMap { UInt64($0) }
            }
            for settings in [row.settings] + row.queues.values {
                guard let rate = settings["max-rate"].flatMap({ UInt64($0) }), rate <= row.cap else { continue }
                try promise(rates.contains { $0 / 8 == rate / 8 }, "\(rate) counts, and the switch does not say it")
            }
        }
        for rate: UInt64 in [8000, 1_234_567, 4_000_000_000_000] {
            for trafficClass in [nil, "0", "1", "4294967295"] {
                guard
                    let wanted = try? qos.shaped(
                        to: BitsPerSecond(rate), burst: ByteCount(16384), trafficClass: trafficClass, on: "p0")
                else { continue }
                try promise(PortQoS(lines: wanted.lines) == wanted, "\(wanted.lines) does not say all of \(wanted)")
                guard let there = wanted.commands(from: qos, on: "p0"), let back = qos.commands(from: wanted, on: "p0")
                else { throw BrokenPromise(description: "no way from \(qos) to \(wanted) and back") }
                let isTame = (there + back).joined().allSatisfy { $0.unicodeScalars.allSatisfy { $0.value > 31 } }
                try promise(isTame, "a command holds a control character: \(there + back)")
            }
        }
    }

    /// BIRD: each part is an answer, as in `readLinuxAnswers`; what a host answers beside it is given.
    static func readBird(_ bytes: [UInt8]) throws(BrokenPromise) {
        let file = "/etc/bird/bird.conf"
        let host: [(heading: [UInt8], output: [UInt8])] = [
            ("hostname 0", "r1"), ("boot 0", "27dce024"), ("system 0", "Debian"), ("kernel 0", "Linux 6.1"),
            ("model 1", ""), ("folder 0", ""), ("uptime 0", "320428"), ("file /etc/motd 1", ""),
        ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
        guard let report = try? ShellReport(framed(host + answers(bytes)), nonce: "n") else { return }
        do {
            let scope = try LinuxScope(ConfigScope(interfaces: [], files: [file, "/etc/motd"]), on: router)
            let reading = try LinuxReading(report, scope: scope)
            let again = try LinuxReading(report, scope: scope)
            try promise(
                reading.observation == again.observation && reading.bird == again.bird, "read twice, it says two things"
            )
            try hold(reading, report, file)
        } catch let broken as BrokenPromise {
            throw broken
        } catch let error as DriverError {
            try promise(!error.message.isEmpty, "refused without a reason")
        } catch {
            try promise(error is ShellReport.Garbled, "refused as \(error)")
        }
    }

    private static func hold(_ reading: LinuxReading, _ report: ShellReport, _ file: String) throws(BrokenPromise) {
        func said(_ name: String) -> String { report.entries.first { $0.name == name }?.text ?? "" }
        let pending = reading.observation.pendingRevert
        try promise(
            (pending != nil) == said("bird timer").utf8.isLine(thatBegins: "Configuration unconfirmed"),
            "a timer from nowhere, or one that is not seen")
        if let left = pending?.remaining {
            try promise(.zero <= left && left <= .seconds(1_000_000_000), "\(left) are left")
        }
        try promise(reading.bird?.version?.utf8.contains(10) != true, "a version of two lines")
        guard var lines = reading.observation.config.sections.first?.lines else {
            throw BrokenPromise(description: "a file that was asked for is missing")
        }
        let isLate = (UInt64(said("changed \(file)")) ?? 0) > (UInt64(said("bird loaded")) ?? 0)
        let isAsked = report.entries.contains { $0.name == "changed \(file)" && $0.status == 0 }
        let isMarked = lines.first == BirdDaemon.notLoaded
        try promise(isMarked == (isLate && isAsked), "a file that BIRD has not read counts as what it runs")
        if isMarked { lines.removeFirst() }
        try promise(isSame(FileSection(lines: lines)?.lines ?? ["nothing"], lines), "\(lines) reads back as others")
    }

    private static let router = Device(
        name: "r1", address: "192.0.2.1", platform: "bird", range: "eco", datacentre: "gra")
}

extension PortQoS.Row {
    /// What the port as a whole may send, which no queue of it exceeds.
    fileprivate var cap: UInt64 { settings["max-rate"].flatMap { UInt64($0) } ?? .max }
}

extension String.UTF8View {
    fileprivate func isLine(thatBegins start: String) -> Bool {
        split(separator: 10).contains { $0.starts(with: start.utf8) }
    }
}
#endif
