import RolloutEngine
import Testing

@testable import DeviceDrivers

/// libsnmp belongs on its thread, in tests too.
private actor Decoder {
    nonisolated var unownedExecutor: UnownedSerialExecutor { SNMPPoller.reactor.asUnownedSerialExecutor() }
    private let codec = SNMPCodec()

    func decode(_ octets: [UInt8], as request: SNMPRequest) -> SNMPAnswer? {
        // What an earlier datagram left behind must not be read as part of this one.
        var room = (0..<octets.count + 512).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        room.replaceSubrange(0..<octets.count, with: octets)
        return room.withUnsafeMutableBufferPointer { room in
            let octets = UnsafeMutableBufferPointer(rebasing: room[..<octets.count])
            guard let frame = SNMPFrame(UnsafeBufferPointer(octets)),
                let asked = codec.encode(request, .community(Secret("c"), isVersion1: false))
            else { return nil }
            return codec.read(octets, frame, asked: asked, isVersion1: false, nil, at: 0)
        }
    }
}

@Suite("SNMP against damaged answers", .timeLimit(.minutes(10)))
struct SNMPFuzzTests {
    private static let agent = WatchedAgent(
        subject: .device("sw-1"), address: "192.0.2.1", interfaces: ["eth0", "eth1"], snmp: SNMPSettings())
    private let plan: ReadingPlan = {
        var plan = ReadingPlan(agent)
        plan.interfaces.interfaces = [.init(index: 1), .init(index: 2)]
        return plan
    }()

    @Test("a damaged answer yields nothing that does not stand in it", arguments: 0..<20)
    func damage(_ batch: UInt64) async throws {
        let objects = try #require(plan.requests(maximum: 60).first)
        let asked = objects.compactMap(plan.identifier)
        let honest = AgentTable().answer(
            to: WireMessage(
                kind: .get, requestID: 0x4000_0001,
                bindings: asked.map { .init(object: $0.parts.map(UInt32.init), value: .null) }))
        let decoder = Decoder()
        var understood = 0
        for round in 0..<400 {
            var random = SeededRandom(seed: batch &* 1000 &+ UInt64(round))
            let octets = Self.damaged(honest.encoded, &random)
            guard case .values(let values, let store)? = await decoder.decode(octets, as: .get(asked)) else { continue }
            understood += 1
            var reading = AgentReading(plan)
            for (index, value) in values.enumerated() {
                reading.take(objects[index], value, store)
                #expect(
                    Self.stands(value, store, for: asked[index], in: octets),
                    "batch \(batch) round \(round): \(asked[index]) \(value)")
            }
            let sample = reading.sample(of: Self.agent, at: Instant(milliseconds: 0))
            for interface in sample.interfaces where interface.unknown != nil {
                #expect(interface.inOctets == nil && interface.outOctets == nil && interface.inErrors == nil)
            }
            _ = reading.contradictsInterfaces
        }
        // Else the damage is so heavy that nothing is tested.
        #expect(understood > 15)
    }

    @Test("a damaged table of interfaces never runs on and never invents a row", arguments: 0..<5)
    func damagedWalk(_ batch: UInt64) async throws {
        let table = AgentTable(interfaces: ["eth0", "eth1", "eth2", "eth3"])
        let honest = table.answer(
            to: WireMessage(
                kind: .bulk, requestID: 0x4000_0001, errorIndex: 4,
                bindings: [.init(object: AgentTable.nameColumn, value: .null)]))
        let decoder = Decoder()
        for round in 0..<400 {
            var random = SeededRandom(seed: batch &* 1000 &+ UInt64(round))
            let octets = Self.damaged(honest.encoded, &random)
            let request = SNMPRequest.bulk(after: MIB.ifName, repetitions: 4)
            guard case .rows(let rows, let store)? = await decoder.decode(octets, as: request) else { continue }
            var walk = NameWalk(
                MIB.ifName, wanted: ["eth0", "eth1", "eth2", "eth3"].map(InterfaceKey.init), mustBeUnique: false)
            let step = walk.take(rows, store)
            if step == .goOn { #expect(MIB.ifName < walk.walk.position) }
            for (name, index) in walk.rows {
                let object = AgentTable.nameColumn + [index]
                #expect(Self.contains(octets, Wire.tagged(0x06, Wire.object(object)) + WireValue.text(name).encoded))
            }
        }
    }

    /// Whether the datagram says, somewhere, that this object has this value.
    private static func stands(_ value: SNMPValue, _ store: OctetStore, for object: ObjectID, in octets: [UInt8])
        -> Bool
    {
        let name = Wire.tagged(0x06, Wire.object(object.parts.map(UInt32.init)))
        return octets.indices.contains { start in
            guard octets[start...].starts(with: name),
                let found = Wire.split(octets[(start + name.count)...])
            else { return false }
            let number = found.content.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let sign: UInt64 = (found.content.first ?? 0) >= 0x80 ? .max << UInt64(8 * min(found.content.count, 7)) : 0
            return switch value {
            case .counter32(let value): found.tag == 0x41 && UInt32(truncatingIfNeeded: number) == value
            case .gauge32(let value): found.tag == 0x42 && UInt32(truncatingIfNeeded: number) == value
            case .timeTicks(let value): found.tag == 0x43 && UInt32(truncatingIfNeeded: number) == value
            case .counter64(let value): found.tag == 0x46 && !found.content.isEmpty && number == value
            case .integer(let value):
                found.tag == 0x02 && Int32(truncatingIfNeeded: number | sign) == Int32(truncatingIfNeeded: value)
            case .octets(let place): found.tag == 0x04 && found.content.elementsEqual(store[place])
            case .real: false
            // These claim nothing.
            case .absent, .endOfView, .other: true
            }
        }
    }

    private static func contains(_ octets: [UInt8], _ part: [UInt8]) -> Bool {
        octets.indices.contains { octets[$0...].starts(with: part) }
    }

    /// One or two blows: a bit turned, an octet replaced, left out, doubled; or the end cut off.
    private static func damaged(_ octets: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...2, using: &random) where !octets.isEmpty {
            let place = Int.random(in: 0..<octets.count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: octets[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 4..<7: octets[place] = [0, 1, 0x7f, 0x80, 0x81, 0x84, 0xff].randomElement(using: &random) ?? 0
            case 7: octets.remove(at: place)
            case 8: octets.insert(octets[place], at: place)
            default: octets.removeLast(min(octets.count, Int.random(in: 1...40, using: &random)))
            }
        }
        return octets
    }
}

/// The same numbers for the same seed (splitmix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
