extension Verdict.Basis {
    /// What these verdicts rest on.
    init(of input: GateInput) {
        let subjects = input.subjects.map { ($0, $0.sortKey) }.sorted { $0.1 < $1.1 }.map(\.0)
        var mark = ReadingMark()
        var count = 0
        var newest = input.before.from
        for subject in subjects {
            for sample in input.judgedSamples(of: subject) {
                mark.take(sample)
                count += 1
                newest = max(newest, sample.at)
            }
        }
        self.init(
            version: GateEvaluator.version,
            treated: input.treated.map { Touched(device: $0.name, at: input.changedAt[$0.name]) },
            control: input.control.map(\.name), poll: input.watch.poll, newest: newest, readings: count, mark: mark.text
        )
    }
}

extension GateInput {
    /// From when readings are looked at: a few polls before the time before, as freshness shows in the readings before.
    var oldestReading: Instant { min(before.from, after.from) - watch.poll * 4 }

    /// The readings of a subject that verdicts are reached by.
    func judgedSamples(of subject: WatchedAgent.Subject) -> [CounterSample] {
        (samples[subject] ?? []).filter { $0.at >= oldestReading && $0.at <= after.to }
    }
}

extension WatchedAgent.Subject {
    /// Orders subjects of all kinds the same way everywhere.
    var sortKey: String {
        switch self {
        case .device(let name): "d \(name)"
        case .link(let name): "l \(name)"
        case .probe(let name): "p \(name)"
        case .queues(let name): "q \(name)"
        }
    }
}

/// Sums up readings in 64 bits (FNV-1a, RFC 9923), quickly: a verdict looks at hundred thousands. It finds what was lost or
/// altered by chance; the digest of an evidence file is what proves it against intent.
private struct ReadingMark {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    var text: String { String(state, radix: 16) }

    mutating func take(_ sample: CounterSample) {
        take(sample.subject.sortKey)
        take(UInt64(bitPattern: sample.at.milliseconds))
        take(sample.uptime.map(UInt64.init))
        take(sample.engineBoots.map(UInt64.init))
        take(sample.engineTime.map(UInt64.init))
        take(sample.ipOutDiscards)
        take(sample.unknown?.code.rawValue ?? "")
        for reading in sample.interfaces {
            take(reading.name)
            take(reading.index.map(UInt64.init))
            for counter in [
                reading.inOctets, reading.outOctets, reading.inErrors, reading.outErrors, reading.inDiscards,
                reading.outDiscards,
            ] {
                if case .bits32 = counter { take(UInt64(32)) }
                take(counter?.value)
            }
            take(reading.operStatus.map { UInt64(bitPattern: Int64($0)) })
            take(reading.lastChange.map(UInt64.init))
            take(reading.highSpeed.map(UInt64.init))
            take(reading.discontinuity.map(UInt64.init))
            take(reading.unknown?.code.rawValue ?? "")
        }
        for object in sample.objects {
            take(object.name)
            take(object.instance)
            switch object.value {
            case .counter(let counter): take(counter.value)
            case .level(let level): take(level.bitPattern)
            case .state(let state): take(UInt64(bitPattern: state))
            case nil: take(object.unknown?.code.rawValue ?? "")
            }
        }
    }

    private mutating func take(_ value: UInt64?) {
        guard let value else { return mix(0x2f) }
        mix(0x76)
        mix(value)
    }

    private mutating func take(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
        mix(0x100)
    }

    private mutating func mix(_ value: UInt64) { state = (state ^ value) &* 0x100_0000_01b3 }
}
