#if DEBUG
@testable import DeviceDrivers
@testable import RolloutEngine

extension FuzzTarget {
    /// Whether it has to run on the thread that libsnmp belongs to, when others use libsnmp too.
    public var needsAgentThread: Bool { self == .snmpAnswer }

    /// One octet that says what was asked, and the datagram.
    static func readAnswer(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let first = bytes.first else { return }
        let datagram = Array(bytes.dropFirst())
        let map = InterfaceMap(names: .name, interfaces: [.init(index: 1), .init(index: 2)], brokenOff: nil)
        let objects = map.requests(maximum: 60).first ?? []
        let request: SNMPRequest =
            first % 2 == 0 ? .get(objects.compactMap(map.identifier)) : .bulk(after: MIB.ifName, repetitions: 4)
        let answer = decode(datagram, followedBy: 0, as: request)
        try promise(answer == decode(datagram, followedBy: 0xa5, as: request), "what follows a datagram is read")
        switch answer {
        case .values(let values): try sample(values, of: objects, map)
        case .rows(let rows): try walk(rows)
        case .failed(let status): try promise(status != 0, "an error without a number")
        case .unexpected, nil: return
        }
    }

    private static let codec = Codec()

    /// libsnmp has one for the process; the caller sees to it that one thread asks.
    private struct Codec: @unchecked Sendable {
        let inner = SNMPCodec()
    }

    private static func decode(_ datagram: [UInt8], followedBy filler: UInt8, as request: SNMPRequest) -> SNMPAnswer? {
        var room = datagram + Array(repeating: filler, count: 300)
        return room.withUnsafeMutableBufferPointer { room in
            codec.inner.decode(UnsafeMutableBufferPointer(rebasing: room[..<datagram.count])) { _ in request }?.answer
        }
    }

    private static func sample(
        _ values: [SNMPValue], of objects: [PolledObject], _ map: InterfaceMap
    ) throws(BrokenPromise) {
        try promise(values.count == objects.count, "\(values.count) values for \(objects.count) objects")
        let agent = WatchedAgent(
            subject: .device("sw-1"), address: "192.0.2.1", interfaces: ["eth0", "eth1"], snmp: SNMPSettings())
        var reading = AgentReading(interfaces: 2)
        for (object, value) in zip(objects, values) { reading.take(object, value) }
        let sample = reading.sample(of: agent, through: reading.refining(map), at: Instant(milliseconds: 0))
        try promise(sample.unknown != nil || sample.interfaces.map(\.name) == agent.interfaces, "an interface is lost")
        for interface in sample.interfaces where interface.unknown != nil {
            let numbers = [
                interface.inOctets, interface.outOctets, interface.inErrors, interface.outErrors, interface.inDiscards,
                interface.outDiscards,
            ]
            try promise(numbers.allSatisfy { $0 == nil }, "unknown, and yet a number: \(interface)")
        }
        _ = reading.contradicts(map, watched: agent.interfaces)
    }

    private static func walk(_ rows: [SNMPAnswer.Row]) throws(BrokenPromise) {
        var walk = NameWalk(MIB.ifName, wanted: ["eth0", "eth1", "eth2"])
        let step = walk.take(rows)
        try promise(step != .goOn || MIB.ifName < walk.position, "a walk stands still")
        for (name, index) in walk.rows {
            let stands = rows.contains { $0.object == MIB.ifName[index] && $0.value == .text(name) }
            try promise(stands, "row \(index) is not '\(name)'")
        }
    }
}
#endif
