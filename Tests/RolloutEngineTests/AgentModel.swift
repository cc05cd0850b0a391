import Foundation
import RolloutEngine

/// An agent with a known truth: makes counter samples from a true rate, with everything that goes wrong between the two.
struct AgentModel {
    var subject: WatchedAgent.Subject = .device("gra-eco-1")
    var interface = "eth0"
    /// What it truly sends, in bit/s, by the second since `epoch`. It receives a tenth of it.
    var rate: (Double) -> Double = { _ in 80_000_000 }
    /// Errors and discards a second.
    var errors: ((Double) -> Double)?
    var discards: ((Double) -> Double)?
    var ipDiscards: ((Double) -> Double)?
    /// How long it repeats its counters, in seconds, and when its cache was filled first; 0 for no cache.
    var cache = 0.0
    var cachePhase = 0.0
    var is32Bit = false
    var highSpeed: UInt32 = 10_000
    /// What the counters were at the epoch.
    var startOctets: UInt64 = 0
    /// sysUpTime at the epoch, in hundredths of a second.
    var startUptime: UInt64 = 40_000_000
    var hasEngine = true
    /// The agent's clock runs this much faster than true time.
    var skew = 0.0
    /// Moments, in seconds since the epoch.
    var restarts: [Double] = []
    var counterResets: [Double] = []
    var isResetAnnounced = true
    var renumbered: Double?
    var downSince: Double?
    var downUntil = Double.infinity
    /// Answers that are lost, in percent, and those that come twice.
    var lossPercent = 0
    var duplicatePercent = 0
    var silentSince: Double?

    static let epoch = Samples.start

    static func instant(_ second: Double) -> Instant { epoch + .milliseconds(Int64((second * 1000).rounded())) }

    /// The second of a moment, counted from the epoch.
    static func second(_ moment: Instant) -> Double { Double((moment - epoch).milliseconds) / 1000 }

    static func window(_ from: Double, _ to: Double) -> Verdict.Window {
        Verdict.Window(from: instant(from), to: instant(to))
    }

    /// Samples every `poll` seconds from `phase` on.
    func samples(every poll: Double, from start: Double = 0, to end: Double, phase: Double = 0, seed: UInt64 = 1)
        -> [CounterSample]
    {
        var random = SeededRandom(seed: seed)
        let sent = Ledger(octetsOf: rate, to: end)
        let wrong = errors.map { Ledger($0, to: end) }
        let dropped = discards.map { Ledger($0, to: end) }
        let ip = ipDiscards.map { Ledger($0, to: end) }
        var samples: [CounterSample] = []
        for round in 0... {
            let second = start + phase + Double(round) * poll
            guard second <= end else { break }
            if (silentSince.map { second >= $0 } ?? false) || random.chance(lossPercent) {
                let reason = UnknownReason(.timeout, "no answer from 198.51.100.1 within 1s, asked twice")
                samples.append(CounterSample(subject: subject, at: Self.instant(second + 2), unknown: reason))
                continue
            }
            let sample = answer(at: second, sent, wrong, dropped, ip)
            samples.append(sample)
            if random.chance(duplicatePercent) { samples.append(sample) }
        }
        return samples
    }

    private func answer(
        at second: Double, _ sent: Ledger, _ wrong: Ledger?, _ dropped: Ledger?, _ ip: Ledger?
    ) -> CounterSample {
        // What the cache holds is as old as its last refresh.
        let seen = cache > 0 ? ((second - cachePhase) / cache).rounded(.down) * cache + cachePhase : second
        let born = restarts.last { $0 <= second }
        let reset = (restarts + counterResets).filter { $0 <= seen }.max()
        func count(_ ledger: Ledger, _ start: UInt64 = 0) -> UInt64 {
            guard let reset else { return start &+ ledger.total(until: max(0, seen)) }
            return ledger.total(until: max(0, seen)) - ledger.total(until: reset)
        }
        func octets(_ value: UInt64) -> Counter {
            is32Bit ? .bits32(UInt32(truncatingIfNeeded: value)) : .bits64(value)
        }
        func packets(_ ledger: Ledger?) -> Counter {
            .bits32(ledger.map { UInt32(truncatingIfNeeded: count($0)) } ?? 0)
        }
        let age = born.map { (second - $0) * 100 } ?? Double(startUptime) + second * 100 * (1 + skew)
        let announced = isResetAnnounced ? counterResets.filter { $0 <= seen }.count : 0
        let out = count(sent, startOctets)
        let reading = InterfaceReading(
            name: interface, index: (renumbered.map { second >= $0 } ?? false) ? 7 : 2, inOctets: octets(out / 10),
            outOctets: octets(out), inErrors: packets(wrong), outErrors: .bits32(0), inDiscards: .bits32(0),
            outDiscards: packets(dropped),
            operStatus: (downSince.map { second >= $0 && second < downUntil } ?? false) ? 2 : 1,
            highSpeed: highSpeed, discontinuity: UInt32(announced))
        return CounterSample(
            subject: subject, at: Self.instant(second), uptime: UInt32(truncatingIfNeeded: UInt64(max(0, age))),
            engineBoots: hasEngine ? UInt32(5 + restarts.filter { $0 <= second }.count) : nil,
            engineTime: hasEngine ? UInt32(max(0, age / 100)) : nil, ipOutDiscards: ip.map { count($0) },
            interfaces: [reading])
    }

    /// The sum of a rate over time, in steps of half a second.
    struct Ledger {
        private var sums: [Double] = [0]

        init(_ rate: (Double) -> Double, to end: Double) {
            sums.reserveCapacity(Int(end) * 2 + 8)
            var sum = 0.0
            for step in 0...Int(end) * 2 + 4 {
                sum += max(0, rate(Double(step) / 2)) / 2
                sums.append(sum)
            }
        }

        func total(until second: Double) -> UInt64 {
            let position = second * 2
            let step = min(sums.count - 2, Int(position))
            return UInt64(sums[step] + (sums[step + 1] - sums[step]) * (position - Double(step)))
        }
    }
}

extension AgentModel.Ledger {
    /// The sum of bits as octets.
    init(octetsOf rate: (Double) -> Double, to end: Double) { self.init({ rate($0) / 8 }, to: end) }
}
