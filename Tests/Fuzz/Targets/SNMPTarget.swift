#if DEBUG
@testable import DeviceDrivers
@testable import RolloutEngine

extension FuzzTarget {
    /// Whether it has to run on the thread that libsnmp belongs to, when others use libsnmp too.
    public var needsAgentThread: Bool { self == .snmpAnswer }

    /// One octet that says what was asked, and the datagram. Of the octet 1 is the request, 2 is v3, 4 and 8 are the user, to whose
    /// agent the datagram is sealed, unless 16 takes it as it stands.
    static func readAnswer(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let first = bytes.first else { return }
        let isVersion3 = first & 2 != 0
        let user = isVersion3 ? SNMPFuzzUser.all[Int(first >> 2 & 3)] : nil
        let isSealed = first & 16 == 0
        let plain = Array(bytes.dropFirst())
        let datagram = isSealed ? user?.seal(plain) ?? plain : plain
        var plan = ReadingPlan(watched)
        plan.interfaces.interfaces = [.init(index: 1), .init(index: 2)]
        plan.objects.set([[1], [7, 7]], of: 1, trouble: nil, keeping: nil)
        let objects = plan.requests(maximum: 60).first ?? []
        let request: SNMPRequest =
            first % 2 == 0 ? .get(objects.compactMap(plan.identifier)) : .bulk(after: MIB.ifName, repetitions: 4)
        let answer = decode(datagram, followedBy: 0, as: request, user)
        if user == nil, answer != nil {
            try promise(
                answer == decode(datagram, followedBy: 0, as: request, nil, plainly: false),
                "an answer is read in two ways, and they differ")
        }
        try promise(
            answer == decode(datagram, followedBy: 0xa5, as: request, user),
            "what follows a datagram is read")
        if let user, let answer { try proof(of: answer, datagram, user, isSealed: isSealed) }
        switch answer {
        case .values(let values, let store): try sample(values, store, of: objects, plan)
        case .rows(let rows, let store): try walk(rows, store)
        case .failed(let status, _): try promise(status != 0, "an error without a number")
        case .reported: try promise(isVersion3, "a Report that nobody asked for")
        case .unexpected, nil: return
        }
    }

    /// What counts is protected as the user's messages are, and signed by whom that takes a key that nobody can guess.
    private static func proof(
        of answer: SNMPAnswer, _ datagram: [UInt8], _ user: SNMPFuzzUser, isSealed: Bool
    ) throws(BrokenPromise) {
        let flags = datagram.withUnsafeBufferPointer { SNMPFrame($0)?.flags } ?? 0
        if case .reported(_, let isAuthentic) = answer {
            try promise(!isAuthentic || isSealed && flags & 1 != 0, "a Report that is proven by nothing")
            return
        }
        try promise(flags & 3 == user.protection, "an answer is less protected than its request")
        try promise(user.protection == 0 || isSealed, "an answer without a signature")
    }

    private static let watched = WatchedAgent(
        subject: .device("sw-1"), address: "192.0.2.1", interfaces: ["eth0", "eth1"],
        objects: [
            WatchedObject(name: "cpu", number: [1, 3, 6, 1, 4, 1, 9, 1], isColumn: false, kind: .gauge),
            WatchedObject(name: "drops", number: [1, 3, 6, 1, 4, 1, 9, 2], isColumn: true, kind: .counter),
        ], snmp: SNMPSettings())

    private static let codec = Codec()

    /// libsnmp has one for the process; the caller sees to it that one thread asks.
    private struct Codec: @unchecked Sendable {
        let inner = SNMPCodec()
    }

    /// As the exchange does it, but for the look at the address: the number of the request is whatever the datagram says.
    private static func decode(
        _ datagram: [UInt8], followedBy filler: UInt8, as request: SNMPRequest, _ user: SNMPFuzzUser?,
        plainly: Bool = true
    ) -> SNMPAnswer? {
        guard
            let asked = codec.inner.encode(request, user != nil ? .none : .community(Secret("c"), isVersion1: false))
        else { return nil }
        var room = datagram + Array(repeating: filler, count: 300)
        return room.withUnsafeMutableBufferPointer { room in
            let octets = UnsafeMutableBufferPointer(rebasing: room[..<datagram.count])
            guard let frame = SNMPFrame(UnsafeBufferPointer(octets)) else { return nil }
            guard plainly else {
                return codec.inner.decode(octets, frame.body, identifier: frame.identifier, asked: asked)
            }
            let security = user.map(security)
            return codec.inner.read(octets, frame, asked: asked, isVersion1: false, security, at: 0)
        }
    }

    /// A user to an engine that is known.
    private static func security(of user: SNMPFuzzUser) -> UserSecurity {
        let security = UserSecurity(user.credential, salt: 0)
        var report = discovery
        report.withUnsafeMutableBufferPointer { octets in
            if let frame = SNMPFrame(UnsafeBufferPointer(octets)) { _ = security.open(octets, frame, at: 0) }
        }
        return security
    }

    /// The Report that an agent first answers with.
    private static let discovery = BERWriter.octets(capacity: 200) { writer in
        let end = writer.start
        // No objects.
        writer.close(0x30, upTo: end)
        for _ in 0..<2 { writer.integer(0) }
        writer.integer(1)
        writer.close(0xa8, upTo: end)
        writer.string([])
        writer.string(SNMPFuzzUser.engine)
        writer.close(0x30, upTo: end)
        let security = writer.start
        for _ in 0..<3 { writer.string([]) }
        writer.integer(SNMPFuzzUser.time)
        writer.integer(SNMPFuzzUser.boots)
        writer.string(SNMPFuzzUser.engine)
        writer.close(0x30, upTo: security)
        writer.close(0x04, upTo: security)
        let header = writer.start
        writer.integer(3)
        writer.string([0])
        writer.integer(1500)
        writer.integer(1)
        writer.close(0x30, upTo: header)
        writer.integer(3)
        writer.close(0x30, upTo: end)
    }

    private static func sample(
        _ values: [SNMPValue], _ store: OctetStore, of objects: [PolledObject], _ plan: ReadingPlan
    ) throws(BrokenPromise) {
        try promise(values.count == objects.count, "\(values.count) values for \(objects.count) objects")
        var reading = AgentReading(plan)
        for (object, value) in zip(objects, values) { reading.take(object, value, store) }
        let sample = reading.sample(of: watched, at: Instant(milliseconds: 0))
        try promise(
            sample.unknown != nil || sample.interfaces.map(\.name) == watched.interfaces, "an interface is lost")
        for interface in sample.interfaces where interface.unknown != nil {
            let numbers = [
                interface.inOctets, interface.outOctets, interface.inErrors, interface.outErrors, interface.inDiscards,
                interface.outDiscards,
            ]
            try promise(numbers.allSatisfy { $0 == nil }, "unknown, and yet a number: \(interface)")
        }
        for object in sample.objects {
            try promise((object.value == nil) != (object.unknown == nil), "neither a value nor a reason: \(object)")
        }
        _ = reading.contradictsInterfaces
        _ = reading.contradictsInstances
    }

    private static func walk(_ rows: [SNMPAnswer.Row], _ store: OctetStore) throws(BrokenPromise) {
        let wanted = ["eth0", "eth1", "eth2"].map(InterfaceKey.init)
        var walk = NameWalk(MIB.ifName, wanted: wanted, mustBeUnique: false)
        let step = walk.take(rows, store)
        try promise(step != .goOn || MIB.ifName < walk.walk.position, "a walk stands still")
        for (name, index) in walk.rows {
            let stands = rows.contains {
                guard case .octets(let place) = $0.value else { return false }
                return $0.object == MIB.ifName[index] && store.text(place).hasPrefix(name)
            }
            try promise(stands, "row \(index) is not '\(name)'")
        }
        var instances = InstanceWalk(MIB.ifName)
        try promise(instances.take(rows) != .goOn || MIB.ifName < instances.walk.position, "a walk stands still")
    }
}
#endif
