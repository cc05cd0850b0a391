import Foundation
import RolloutEngine

/// Understands what `ovs-vsctl` prints of the tables Port, QoS and Queue, and `ovs-appctl qos/show` of a port. Pure.
struct SwitchTables: Sendable {
    private var ports: [String: String?] = [:]
    private var rows: [String: (type: String, settings: [String: String], queues: [UInt32: String])] = [:]
    private var queues: [String: [String: String]] = [:]

    /// What could not be understood.
    struct Garbled: Error {
        /// In words.
        let what: String
    }

    /// Lists the three tables in one transaction, so that they fit together; one JSON document a line.
    static let question =
        "ovs-vsctl --timeout=10 --format=json --columns=name,qos list Port"
        + " -- --columns=_uuid,type,other_config,queues list QoS -- --columns=_uuid,other_config list Queue"

    /// Reads the answer to `question`.
    init(_ answer: String) throws(Garbled) {
        let garbled = Garbled(what: "ovs-vsctl's list of ports, QoS and queues is not JSON as it writes it")
        let tables = answer.split(separator: "\n").map { try? JSONDecoder().decode(Table.self, from: Data($0.utf8)) }
        guard tables.count == 3, let first = tables[0], let second = tables[1], let third = tables[2],
            [first.headings.count, second.headings.count, third.headings.count] == [2, 4, 2]
        else { throw garbled }
        for row in first.data {
            guard row.count == 2, case .text(let name) = row[0], let used = row[1].references, used.count <= 1 else {
                throw garbled
            }
            ports[name] = .some(used.first)
        }
        for row in second.data {
            guard row.count == 4, case .reference(let id) = row[0], case .text(let type) = row[1],
                let settings = row[2].texts, let queues = row[3].queues
            else { throw garbled }
            rows[id] = (type, settings, queues)
        }
        for row in third.data {
            guard row.count == 2, case .reference(let id) = row[0], let settings = row[1].texts else { throw garbled }
            queues[id] = settings
        }
    }

    /// How a port is shaped.
    ///
    /// - Parameter shown: What `qos/show` says of it: what the switch really does.
    /// - Parameter beneath: Lines of what `tc` has at the port's root although the switch shapes nothing.
    /// - Returns: nil when there is no such port.
    func qos(of port: String, shown: String, beneath: [String]) -> PortQoS? {
        guard let used = ports[port] else { return nil }
        guard let id = used else { return beneath.isEmpty ? PortQoS.none : .foreign(beneath.map { "tc's own \($0)" }) }
        guard let row = rows[id] else { return .foreign(["a QoS that is not in the table"]) }
        var trouble: [String] = []
        if !PortQoS.types.contains(row.type) { trouble.append("QoS of the type \(row.type)") }
        let sharing = ports.filter { $0.value == id && $0.key != port }.keys.sorted()
        if !sharing.isEmpty { trouble.append("QoS that \(sharing.joined(separator: ", ")) use too") }
        let all = rows.values.flatMap(\.queues.values)
        if row.queues.values.contains(where: { queue in all.count { $0 == queue } > 1 }) {
            trouble.append("a queue that is used more than once")
        }
        var settings: [UInt32: [String: String]] = [:]
        for (number, queue) in row.queues { settings[number] = queues[queue] ?? [:] }
        let known = PortQoS.Row(type: row.type, settings: row.settings, queues: settings)
        let lines = PortQoS.row(known).lines
        if PortQoS(lines: lines) != .row(known) { trouble.append("settings that are not plain words") }
        if !trouble.isEmpty { return .foreign(trouble) }
        guard Self.isInForce(known, shown) else {
            let words = shown.split(separator: "\n").prefix(2).joined(separator: ", ")
            return .foreign([
                "\(lines.joined(separator: ", ")), which the switch does not carry out; it says '\(words)'"
            ])
        }
        return .row(known)
    }

    /// Whether the switch does what the row says. `ovs-vsctl` succeeds also where the kernel cannot.
    private static func isInForce(_ row: PortQoS.Row, _ shown: String) -> Bool {
        let lines = shown.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        guard lines.first?.hasSuffix(" \(row.type)") == true else { return false }
        var rates: [String: UInt64] = [:]
        var part = "port"
        for line in lines {
            if line == "Default:" { part = "0" }
            if line.hasPrefix("Queue "), line.hasSuffix(":") { part = String(line.dropFirst(6).dropLast()) }
            // Of a queue that is guaranteed all that it may reach, only the guarantee is shown.
            for key in ["min-rate: ", "max-rate: "] where line.hasPrefix(key) {
                if let rate = UInt64(line.dropFirst(key.count)) { rates[part] = rate }
            }
        }
        func isSame(_ wanted: UInt64?, _ part: String) -> Bool {
            guard let found = rates[part] else { return false }
            return wanted.map { $0 / 8 == found / 8 } ?? true
        }
        let most = row.settings["max-rate"].flatMap { UInt64($0) }
        return isSame(most, "port")
            && row.queues.allSatisfy { id, queue in
                let own = queue["max-rate"].flatMap { UInt64($0) } ?? most
                return isSame(own.map { min($0, most ?? $0) }, "\(id)")
            }
    }

    struct Table: Decodable {
        let data: [[Value]]
        let headings: [String]
    }

    /// A value as RFC 7047 writes it in JSON.
    indirect enum Value: Decodable {
        case text(String)
        case number(Int64)
        case reference(String)
        case set([Value])
        case map([(Value, Value)])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
                return
            }
            if let number = try? container.decode(Int64.self) {
                self = .number(number)
                return
            }
            var parts = try decoder.unkeyedContainer()
            switch try parts.decode(String.self) {
            case "uuid": self = .reference(try parts.decode(String.self))
            case "set": self = .set(try parts.decode([Value].self))
            case "map":
                self = .map(
                    try parts.decode([[Value]].self).map { pair in
                        guard pair.count == 2 else {
                            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no pair")
                        }
                        return (pair[0], pair[1])
                    })
            default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "no such value")
            }
        }

        var references: [String]? {
            switch self {
            case .reference(let id): [id]
            case .set(let values):
                values.reduce(into: [String]?.some([])) { found, value in
                    if case .reference(let id) = value { found?.append(id) } else { found = nil }
                }
            default: nil
            }
        }

        var texts: [String: String]? {
            guard case .map(let pairs) = self else { return nil }
            var found: [String: String] = [:]
            for case (.text(let key), .text(let value)) in pairs { found[key] = value }
            return found.count == pairs.count ? found : nil
        }

        var queues: [UInt32: String]? {
            guard case .map(let pairs) = self else { return nil }
            var found: [UInt32: String] = [:]
            for case (.number(let key), .reference(let id)) in pairs { UInt32(exactly: key).map { found[$0] = id } }
            return found.count == pairs.count ? found : nil
        }
    }
}
