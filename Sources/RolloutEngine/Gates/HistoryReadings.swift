/// Readings of past nights, from wherever they were kept.
public struct HistoryReadings: Sendable {
    /// The devices that were read, with their interfaces.
    public var devices: [Device]
    /// Their readings, oldest first for each.
    public var samples: [WatchedAgent.Subject: [CounterSample]]

    /// Readings of a rollout's devices that were made while none of them was being changed.
    ///
    /// - Parameter quiet: The spans in which nothing was changed; nil for all of the time.
    public init(of devices: [Device], samples: [CounterSample], within quiet: [Verdict.Window]? = nil) {
        var bySubject: [WatchedAgent.Subject: [CounterSample]] = [:]
        for sample in samples where quiet?.contains(where: { $0.contains(sample.at) }) ?? true {
            bySubject[sample.subject, default: []].append(sample)
        }
        self.samples = bySubject
        self.devices = devices.filter { bySubject[.device($0.name)] != nil && !$0.interfaces.isEmpty }
    }

    /// Reads CSV: `time,device,interface,in_octets,out_octets` and, if there are, `in_errors,out_errors,in_discards,
    /// out_discards`, all of them counters of 64 bits; or `in_rate,out_rate` in bit/s in place of octets, which stand for the
    /// time since the reading before.
    ///
    /// `time` is RFC 3339 in UTC, or seconds since 1970.
    ///
    /// - Throws: `InputError` with the line of the first mistake.
    public init(csv bytes: [UInt8], file: String) throws(InputError) {
        var reader = CSVReader(bytes)
        var fields: [CSVReader.Field] = []
        func refuse(_ line: Int, _ message: String, _ remedy: String? = nil) -> InputError {
            InputError(at: SourceLocation(file: file, line: line), message, remedy: remedy)
        }
        func row() throws(InputError) -> Bool {
            do throws(CSVReader.Problem) { return try reader.nextRow(into: &fields) } catch {
                throw refuse(error.line, error.message)
            }
        }
        guard try row() else { throw refuse(1, "the history is empty", Self.columnsRemedy) }
        var places: [String: Int] = [:]
        for (index, field) in fields.enumerated() {
            let name = reader.text(of: field)
            guard Self.columns.contains(name) else {
                throw refuse(1, "'\(name)' is no column of a history", Self.columnsRemedy)
            }
            guard places.updateValue(index, forKey: name) == nil else {
                throw refuse(1, "column '\(name)' is there twice")
            }
        }
        let isRate = places["in_rate"] != nil
        for name in ["time", "device", "interface"] + (isRate ? ["in_rate", "out_rate"] : ["in_octets", "out_octets"])
        where places[name] == nil {
            throw refuse(1, "column '\(name)' is missing", Self.columnsRemedy)
        }
        var courses: [Rows] = []
        var numbers: [Key: Int] = [:]
        while true {
            let line = reader.line
            guard try row() else { break }
            func text(_ name: String) -> String? {
                guard let place = places[name], place < fields.count else { return nil }
                let text = reader.text(of: fields[place])
                return text.isEmpty ? nil : text
            }
            guard fields.count == places.count else {
                throw refuse(line, "\(fields.count) cells where the header has \(places.count)")
            }
            guard let device = text("device"), let interface = text("interface") else {
                throw refuse(line, "device and interface must not be empty")
            }
            guard let at = text("time").flatMap(Self.time) else {
                throw refuse(
                    line, "'\(text("time") ?? "")' is no time", "write 2026-03-01T02:00:00.000Z, or seconds since 1970")
            }
            let name = DeviceName(rawValue: device)
            let key = Key(device: name, interface: interface)
            let number = numbers[key] ?? courses.count
            if number == courses.count {
                numbers[key] = number
                courses.append(Rows(key: key))
            }
            if let last = courses[number].readings.last, at <= last.at {
                throw refuse(line, "\(device) \(interface) was read at \(at) after \(last.at)", "sort the rows by time")
            }
            var reading = InterfaceReading(name: interface, operStatus: 1)
            if isRate {
                for (column, path) in [("in_rate", \InterfaceReading.inOctets), ("out_rate", \.outOctets)] {
                    guard let rate = text(column).flatMap(Double.init), rate >= 0, rate < 1e13 else {
                        throw refuse(
                            line, "'\(text(column) ?? "")' is no rate in bit/s", "write a number such as 12500000")
                    }
                    let before = courses[number].readings.last
                    let seconds = before.map { (at - $0.at).seconds } ?? 0
                    let count = (before?.reading[keyPath: path]?.value ?? 0) &+ UInt64(min(rate / 8 * seconds, 9e18))
                    reading[keyPath: path] = .bits64(count)
                }
            }
            for counting in Counting.allCases where !(isRate && counting.isOctets) {
                guard places[counting.rawValue] != nil, let value = text(counting.rawValue) else { continue }
                guard let count = UInt64(value) else {
                    throw refuse(line, "'\(value)' is no value of a counter", "write whole numbers from 0 to 2^64 - 1")
                }
                reading[keyPath: counting.path] = .bits64(count)
            }
            courses[number].readings.append((at, reading))
        }
        guard !courses.isEmpty else { throw refuse(1, "the history has no readings") }
        self.init(courses)
    }

    private struct Key: Hashable {
        var device: DeviceName
        var interface: String
    }

    /// The readings of one interface.
    private struct Rows {
        var key: Key
        var readings: [(at: Instant, reading: InterfaceReading)] = []
    }

    /// Joins what was read of a device at one moment.
    private init(_ courses: [Rows]) {
        devices = []
        samples = [:]
        let byDevice = Dictionary(grouping: courses, by: \.key.device)
        for name in byDevice.keys.sorted() {
            let interfaces = (byDevice[name] ?? []).sorted { $0.key.interface < $1.key.interface }
            var byTime: [Instant: [InterfaceReading]] = [:]
            for course in interfaces {
                for (at, reading) in course.readings { byTime[at, default: []].append(reading) }
            }
            // There is no uptime in a history of this kind: the time of the reading stands for it.
            samples[.device(name)] = byTime.keys.sorted().map { at in
                CounterSample(
                    subject: .device(name), at: at, uptime: UInt32(truncatingIfNeeded: at.milliseconds / 10),
                    interfaces: byTime[at] ?? [])
            }
            devices.append(
                Device(
                    name: name, address: "192.0.2.1", platform: "unknown", range: "history", datacentre: "history",
                    interfaces: interfaces.map(\.key.interface)))
        }
    }

    private static func time(_ text: String) -> Instant? {
        if let instant = Instant(text) { return instant }
        guard let seconds = Double(text), seconds > 0, seconds < 1e11 else { return nil }
        return Instant(milliseconds: Int64((seconds * 1000).rounded()))
    }

    private static var columns: [String] {
        ["time", "device", "interface", "in_rate", "out_rate"] + Counting.allCases.map(\.rawValue)
    }
    private static let columnsRemedy =
        "the columns are time,device,interface,in_octets,out_octets (or in_rate,out_rate in bit/s), and if there are, in_errors,out_errors,in_discards,out_discards"
}

extension HistoryReadings {
    /// Reads a CSV file.
    ///
    /// - Throws: `InputError` when it cannot be read, or with the line of the first mistake.
    public init(csvFile path: String) throws(InputError) {
        try self.init(csv: try InputFile.read(path), file: path)
    }
}

extension HistoryReadings {
    /// What a counter of an interface counts, by its name in files.
    public enum Counting: String, Hashable, Sendable, CaseIterable {
        /// Octets received.
        case inOctets = "in_octets"
        /// Octets sent.
        case outOctets = "out_octets"
        /// Packets received with errors.
        case inErrors = "in_errors"
        /// Packets that could not be sent because of errors.
        case outErrors = "out_errors"
        /// Packets that were received and dropped.
        case inDiscards = "in_discards"
        /// Packets that were dropped before they were sent.
        case outDiscards = "out_discards"

        fileprivate var isOctets: Bool { self == .inOctets || self == .outOctets }
        fileprivate var path: WritableKeyPath<InterfaceReading, Counter?> {
            switch self {
            case .inOctets: \.inOctets
            case .outOctets: \.outOctets
            case .inErrors: \.inErrors
            case .outErrors: \.outErrors
            case .inDiscards: \.inDiscards
            case .outDiscards: \.outDiscards
            }
        }
    }

    /// A counter at a moment.
    public struct Point: Hashable, Sendable {
        /// When it was read.
        public var at: Instant
        /// What it said.
        public var value: UInt64

        /// A counter at a moment.
        public init(at: Instant, value: UInt64) {
            self.at = at
            self.value = value
        }
    }

    /// One counter of one interface over time.
    public struct Course: Hashable, Sendable {
        /// The device.
        public var device: DeviceName
        /// The interface, by ifName.
        public var interface: String
        /// Which of its counters.
        public var counting: Counting
        /// What it said, oldest first.
        public var points: [Point] = []

        /// A counter of which nothing was read yet.
        public init(device: DeviceName, interface: String, counting: Counting) {
            self.device = device
            self.interface = interface
            self.counting = counting
        }
    }

    /// The usual time between two readings of a device; nil when none was read twice.
    public var rhythm: Timespan? {
        let gaps = samples.values.flatMap { own in  // in any order
            zip(own, own.dropFirst()).map { ($1.at - $0.at).seconds }
        }
        return Median.of(gaps).map { .milliseconds(Int64(($0 * 1000).rounded())) }
    }

    /// Joins counters that were read one by one.
    public init(courses: [Course]) {
        let byInterface = Dictionary(grouping: courses) { Key(device: $0.device, interface: $0.interface) }
        self.init(
            byInterface.map { key, courses in
                var byTime: [Instant: InterfaceReading] = [:]
                for course in courses {
                    for point in course.points {
                        byTime[point.at, default: InterfaceReading(name: key.interface, operStatus: 1)][
                            keyPath: course.counting.path] = .bits64(point.value)
                    }
                }
                return Rows(
                    key: key,
                    readings: byTime.keys.sorted().compactMap { at in
                        byTime[at].map { (at: at, reading: $0) }
                    })
            })
    }

    /// The same readings under the names of an inventory, where a history names devices by their addresses, with or without a
    /// port.
    public func named(after inventory: [Device]) -> Self {
        let names = Set(inventory.map(\.name))
        let byAddress = Dictionary(inventory.map { ($0.address, $0.name) }, uniquingKeysWith: { first, _ in first })
        var renamed = self
        renamed.devices = []
        renamed.samples = samples.filter { if case .device = $0.key { false } else { true } }
        for var device in devices {
            let own = samples[.device(device.name)] ?? []
            if !names.contains(device.name) {
                let text = device.name.rawValue
                let host = text.lastIndex(of: ":").map { text[..<$0].filter { $0 != "[" && $0 != "]" } }
                device.name = byAddress[text] ?? host.flatMap { byAddress[$0] } ?? device.name
            }
            renamed.devices.append(device)
            renamed.samples[.device(device.name)] = own.map { sample in
                var sample = sample
                sample.subject = .device(device.name)
                return sample
            }
        }
        return renamed
    }
}
