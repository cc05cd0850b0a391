import RolloutEngine

/// Understands the answer of Prometheus' HTTP API to a range query. Pure.
struct PrometheusMatrix {
    private let series: [Series]

    /// Which interface a series is of.
    struct Key: Hashable, Comparable {
        let device: String
        let interface: String

        static func < (left: Self, right: Self) -> Bool {
            (left.device, left.interface) < (right.device, right.interface)
        }
    }

    init(_ body: [UInt8], status: Int) throws(NoAnswer) {
        let data: Payload = try PrometheusEnvelope.payload(in: body, status: status, to: " to a range query")
        guard data.resultType == "matrix" else {
            throw NoAnswer(
                .agentError, "the query gives a \(NoAnswer.line(data.resultType)), expected counters over time")
        }
        series = data.result
    }

    /// Adds what was read to what is known already.
    ///
    /// - Throws: When a series names no interface, when two are of the same, or when one is no counter.
    func add(
        to found: inout [Key: HistoryReadings.Course], _ counting: HistoryReadings.Counting,
        _ history: PrometheusHistory
    ) throws(NoAnswer) {
        var seen: Set<Key> = []
        for series in series {
            guard let device = series.metric[history.deviceLabel], !device.isEmpty,
                let interface = series.metric[history.interfaceLabel], !interface.isEmpty
            else {
                let labels = series.metric.keys.sorted().joined(separator: ", ")
                throw NoAnswer(
                    .agentError,
                    "a series of \(counting.rawValue) has no label \(history.deviceLabel) or \(history.interfaceLabel): it has \(NoAnswer.line(labels))"
                )
            }
            let key = Key(device: device, interface: interface)
            guard seen.insert(key).inserted else {
                throw NoAnswer(
                    .agentError,
                    "several series of \(counting.rawValue) are of \(NoAnswer.line("\(device) \(interface)")): name one of them in the query"
                )
            }
            var course =
                found[key]
                ?? HistoryReadings.Course(
                    device: DeviceName(rawValue: device), interface: interface, counting: counting)
            for point in series.values {
                guard let value = Double(point.value), value >= 0, value < 0x1p64 else {
                    throw NoAnswer(
                        .agentError,
                        "\(NoAnswer.line("\(device) \(interface)")): \(counting.rawValue) is \(NoAnswer.line(point.value)), which no counter is: ask for the counter itself"
                    )
                }
                let at = Instant(milliseconds: Int64((point.time * 1000).rounded()))
                course.points.append(HistoryReadings.Point(at: at, value: UInt64(value)))
            }
            found[key] = course
        }
    }

    private struct Payload: Decodable {
        let resultType: String
        let result: [Series]

        enum Keys: String, CodingKey { case resultType, result }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            resultType = try container.decode(String.self, forKey: .resultType)
            result = resultType == "matrix" ? try container.decode([Series].self, forKey: .result) : []
        }
    }

    private struct Series: Decodable {
        let metric: [String: String]
        let values: [Point]
    }

    /// A time in seconds since 1970 and a value, which is text.
    private struct Point: Decodable {
        let time: Double
        let value: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            time = try list.decode(Double.self)
            value = try list.decode(String.self)
            guard time > 0, time < 1e11 else {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no time"))
            }
        }
    }
}
