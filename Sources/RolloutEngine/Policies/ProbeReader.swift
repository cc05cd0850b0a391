/// Reads what a gate asks beside the fleet.
struct ProbeReader {
    let complaints: ComplaintList

    /// The kinds of gate that ask something.
    static let kinds = ["prometheus", "http", "sql", "command"]

    /// What a gate of a kind asks; nil for other kinds, and with a complaint for what cannot be asked.
    func probe(_ kind: String, _ map: inout YAMLMap) -> Probe? {
        let question: Probe.Question?
        var token: SecretReference?
        switch kind {
        case "prometheus":
            let url = map.required("url", Self.url)
            let query = map.required("query", .text)
            question = url.flatMap { url in query.map { .prometheus(url: url, query: $0) } }
            token = map.value("token", .secret)
        case "http":
            let url = map.required("url", Self.url)
            let status = map.value("status", .number(100...599, "an HTTP status", example: 200))
            let pointer = map.value("value", Self.pointer)
            question = url.map { .http(url: $0, status: status, pointer: pointer) }
            token = map.value("token", .secret)
            if url != nil, status == nil, pointer == nil {
                complaints.error(
                    at: map.location, "the gate judges nothing",
                    remedy: "give it the status to expect, or with value: a pointer to a number such as /queue/length")
                return nil
            }
        case "sql":
            let url = map.required("url", .secret)
            let query = map.required("query", .text)
            question = url.flatMap { url in query.map { .sql(url: url, query: $0) } }
        case "command":
            guard let entry = map.entry("run") else {
                complaints.error(
                    at: map.location, "\(map.what) has no run",
                    remedy: "expected a program with its arguments such as [/usr/local/bin/latency, gra]")
                return nil
            }
            let words = map.readList(entry.value, as: .text, what: "run")
            question = words.first?.hasPrefix("/") ?? false ? .command(words) : nil
            if question == nil {
                complaints.error(
                    at: map.place(of: entry.value), "run does not begin with the absolute path of a program",
                    remedy: "no shell looks for it: [/usr/local/bin/latency, gra]")
            }
        default: return nil
        }
        let every = map.value("every", .timespan(example: "30s"))
        let timeout = map.value("timeout", .timespan(example: "5s")) ?? .seconds(5)
        if timeout > .minutes(1) {
            complaints.error(at: map.place(of: "timeout"), "timeout \(timeout) is longer than 1m")
        }
        guard let question else { return nil }
        return Probe(question, every: every, timeout: timeout, token: token)
    }

    /// What the answer may be.
    func limits(_ probe: Probe, _ map: inout YAMLMap) -> ValueLimits? {
        if case .http(_, let status?, nil) = probe.question {
            return ValueLimits(maximum: Double(status), minimum: Double(status))
        }
        let limits = ValueLimits(in: &map)
        guard limits.isEmpty else { return limits }
        complaints.error(
            at: map.location, "the gate judges nothing",
            remedy: "give it maximum, minimum, maximum_rise or maximum_fall")
        return nil
    }

    static let url = TextFormat<String>(expected: "an address such as http://prometheus:9090") { text in
        let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
        guard let rest, let host = rest.split(separator: "/", omittingEmptySubsequences: false).first, !host.isEmpty,
            // A password in an address would be in the plan for all to read.
            !host.contains("@"), text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        return text
    }
    private static let pointer = TextFormat<String>(expected: "a pointer into JSON (RFC 6901) such as /queue/length") {
        text in text.hasPrefix("/") && !text.unicodeScalars.contains(where: \.isSilent) ? text : nil
    }
}
