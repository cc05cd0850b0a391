/// Which counters of past nights a Prometheus keeps, and where: what `prometheus:FILE` names.
public struct PrometheusHistory: Hashable, Sendable {
    /// Where it is asked, without the path of its API.
    public var url: String
    /// The query for each counter: a selector of counters, not their rates.
    public var queries: [HistoryReadings.Counting: String]
    /// The label that holds the name or the address of the device.
    public var deviceLabel = "instance"
    /// The label that holds the interface, by ifName.
    public var interfaceLabel = "ifName"
    /// How far back it is asked.
    public var last: Timespan = .minutes(14 * 24 * 60)
    /// Up to when; nil for now.
    public var until: Instant?
    /// The time between two readings.
    public var step: Timespan = .minutes(1)
    /// How long one answer may take.
    public var timeout: Timespan = .seconds(30)
    /// Where the token is kept that is shown to it.
    public var token: SecretReference?

    /// The octets of snmp_exporter's `if_mib`, at this address.
    public init(url: String) {
        self.url = url
        queries = [.inOctets: "ifHCInOctets", .outOctets: "ifHCOutOctets"]
    }

    /// Reads a file.
    ///
    /// - Throws: `InputError` with everything that is wrong with it, by line and column.
    public static func load(_ path: String) throws(InputError) -> Self {
        try read(try InputFile.read(path), file: path)
    }

    static func read(_ bytes: [UInt8], file: String) throws(InputError) -> Self {
        let complaints = ComplaintList()
        var history: Self?
        if let root = YAMLDocument.read(bytes, file: file, complaints: complaints),
            var map = YAMLMap(root, "the history", in: file, complaints, example: "url: http://prometheus:9090")
        {
            history = read(&map, complaints)
            map.refuseUnknownKeys()
        }
        try complaints.throwIfAny()
        guard let history else { throw InputError(at: SourceLocation(file: file), "holds no history") }
        return history
    }

    private static func read(_ map: inout YAMLMap, _ complaints: ComplaintList) -> Self? {
        let url = map.required("url", ProbeReader.url)
        var history = Self(url: url ?? "")
        for counting in HistoryReadings.Counting.allCases {
            if let query = map.value(counting.rawValue, .text) { history.queries[counting] = query }
        }
        if let label = map.value("device_label", Self.label) { history.deviceLabel = label }
        if let label = map.value("interface_label", Self.label) { history.interfaceLabel = label }
        if let last = map.value("last", .timespan(example: "14d")) { history.last = last }
        history.until = map.value("until", Self.moment)
        if let step = map.value("step", .timespan(example: "1m")) { history.step = step }
        if let timeout = map.value("timeout", .timespan(example: "30s")) { history.timeout = timeout }
        history.token = map.value("token", .secret)
        if history.step < .seconds(1) {
            complaints.error(at: map.place(of: "step"), "step \(history.step) is shorter than 1s")
        }
        return url == nil ? nil : history
    }

    private static let label = TextFormat<String>(expected: "the name of a label such as instance") { text in
        let isName = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isName && !text.isEmpty ? text : nil
    }
    private static let moment = TextFormat<Instant>(expected: "a time in UTC such as 2026-03-01T02:00:00.000Z") {
        Instant($0)
    }
}
