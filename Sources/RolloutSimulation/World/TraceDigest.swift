internal import RolloutEngine

/// A number that differs when two traces do. FNV-1a over 64 bits.
struct TraceDigest: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func mix(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01B3 }
    mutating func mix(_ text: String) { for byte in text.utf8 { mix(UInt64(byte)) } }

    // What comes most often is not put into words, which takes long.
    private mutating func mix(_ result: StepResult) {
        switch result {
        case .done(let deadline): mix(UInt64(bitPattern: deadline?.milliseconds ?? -1))
        case .found(.base): mix("base")
        case .found(.target): mix("target")
        case .found, .failed: mix("\(result)")
        }
    }

    mutating func mix(_ entry: JournalEntry) {
        mix(UInt64(entry.sequence))
        mix(UInt64(entry.fence))
        switch entry.fact {
        case .intent(let step):
            mix(step.device.rawValue)
            mix(step.kind.rawValue)
        case .outcome(let step, let result):
            mix(step.device.rawValue)
            mix(step.kind.rawValue)
            mix(result)
        case .paused(let reason): mix(reason.detail)
        case .judged(_, let verdict): mix(verdict.reason)
        case .alarm(let alarm): mix(alarm.reason)
        case .rollingBack(_, let devices, _): for name in devices { mix(name.rawValue) }
        case .requested(let request): mix(request.by)
        case .created, .driving, .waveStarted, .soakStarted, .wavePassed, .evidence, .finished, .cohortHeld,
            .peakCarried:
            mix(1)
        }
    }
}
