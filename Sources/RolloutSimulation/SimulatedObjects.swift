internal import RolloutEngine

/// What agents of simulated devices say of objects beside interfaces: a processor at 20 %, two neighbours of each kind.
enum SimulatedObjects {
    /// The readings of one watched object. Of those that a gate can read instead of each other, a device has the standard one only.
    static func readings(of object: WatchedObject, on device: SimulatedDevice) -> [ObjectReading] {
        guard isStandard(object.number) else {
            let reason = UnknownReason(.absent, "\(device.name) has no \(object.name)")
            return [ObjectReading(name: object.name, unknown: reason)]
        }
        return instances(of: object).enumerated().map { index, instance in
            ObjectReading(name: object.name, instance: instance, value: value(of: object, number: index, on: device))
        }
    }

    /// What a probe is told: a value within its gate's limits, as nothing outside is asked in a simulation.
    static func answer(of agent: WatchedAgent, _ gate: GateName, at now: Instant) -> CounterSample {
        let level: Double
        if case .http(_, let status?, nil) = agent.probe?.question { level = Double(status) } else { level = 1 }
        return CounterSample(
            subject: agent.subject, at: now, objects: [ObjectReading(name: gate.rawValue, value: .level(level))])
    }

    /// The private numbers of vendors begin with 1.3.6.1.4.1, but for Cisco's queues, which have no standard.
    private static func isStandard(_ number: [UInt32]) -> Bool {
        !number.starts(with: [1, 3, 6, 1, 4, 1]) || number.starts(with: [1, 3, 6, 1, 4, 1, 9, 9, 166, 1, 15, 1, 1, 14])
    }

    private static func instances(of object: WatchedObject) -> [String] {
        guard object.isColumn else { return [""] }
        return object.kind == .state ? ["192.0.2.1", "192.0.2.2"] : ["1"]
    }

    private static func value(of object: WatchedObject, number: Int, on device: SimulatedDevice) -> ObjectReading.Value
    {
        switch object.kind {
        case .counter:
            let dropped = device.counters.reduce(0) { $0 + $1.outDiscards }
            return .counter(.bits64(UInt64(dropped)))
        case .gauge:
            return .level(object.unit == "%" ? 20 : 1000)
        case .state:
            let isLost = number == 1 && device.activeFaults.contains(.peerDown)
            return .state(isLost ? lost : good.first { object.number.starts(with: $0.number) }?.state ?? 1)
        }
    }

    /// The states in which things are well: ospfNbrState full, bgpPeerState established, isisISAdjState up. Else 1, as of sensors.
    private static let good: [(number: [UInt32], state: Int64)] = [
        ([1, 3, 6, 1, 2, 1, 14, 10, 1, 6], 8), ([1, 3, 6, 1, 2, 1, 15, 3, 1, 2], 6),
        ([1, 3, 6, 1, 2, 1, 138, 1, 6, 1, 1, 2], 3),
    ]

    /// Idle, down or unavailable, whatever it is.
    private static let lost: Int64 = 2
}
