/// The rates of everything that a wave's gates look at, computed once for all gates.
struct WatchedRates {
    /// How much must be known of a window before anything is concluded from it.
    enum Demand {
        /// Enough to let a wave through: at least a third of the window, up to its end.
        case forVerdict
        /// Enough to warn: whatever is known.
        case forAlarm
    }

    /// A rate, or why there is none.
    enum Known {
        case rate(RateSeries.Average)
        case unknown(UnknownReason)

        var rate: RateSeries.Average? {
            if case .rate(let average) = self { average } else { nil }
        }
        var reason: UnknownReason? {
            if case .unknown(let reason) = self { reason } else { nil }
        }
    }

    /// One watched interface of one device. A class, as it is large and every gate asks for it.
    final class Watched: Sendable {
        let device: Device
        let interface: String
        let isControl: Bool
        let series: RateSeries
        let before: Known
        let after: Known
        /// The time that is judged: not before the device was touched.
        let window: Verdict.Window

        init(
            _ device: Device, _ interface: String, isControl: Bool, _ series: RateSeries, before: Known, after: Known,
            window: Verdict.Window
        ) {
            self.device = device
            self.interface = interface
            self.isControl = isControl
            self.series = series
            self.before = before
            self.after = after
            self.window = window
        }

        /// `gra-eco-05`, with the interface where the device has several.
        var subject: String { device.interfaces.count > 1 ? "\(device.name) \(interface)" : device.name.rawValue }
    }

    let input: GateInput
    let treated: [Watched]
    let control: [Watched]
    /// Devices of the wave of which no interface is watched: nothing can be said about them.
    let unwatched: [Device]
    private let samples: [WatchedAgent.Subject: [CounterSample]]
    let demand: Demand

    init(_ input: GateInput, demand: Demand = .forVerdict) {
        self.input = input
        self.demand = demand
        // A few polls more: whether the first reading of a window is fresh shows in the readings before it.
        let oldest = min(input.before.from, input.after.from) - input.watch.poll * 4
        let span = Verdict.Window(from: oldest, to: input.after.to)
        // Most often all of them: then nothing is copied.
        let samples = input.samples.mapValues { all in
            all.allSatisfy { span.contains($0.at) } ? all : all.filter { span.contains($0.at) }
        }
        self.samples = samples
        func watch(_ devices: [Device], control: Bool) -> [Watched] {
            devices.flatMap { device in
                let own = samples[.device(device.name)] ?? []
                let window = input.after.since(control ? nil : input.changedAt[device.name])
                return device.interfaces.map { interface in
                    let series =
                        input.known?.series(of: interface, on: device.name, in: own)
                        ?? RateSeries(of: interface, in: own)
                    return Watched(
                        device, interface, isControl: control, series,
                        before: Self.known(series, in: input.before, demand: .forVerdict, poll: nil),
                        after: Self.known(series, in: window, demand: demand, poll: input.watch.poll), window: window)
                }
            }
        }
        treated = watch(input.treated, control: false)
        control = watch(input.control, control: true)
        unwatched = input.treated.filter { $0.interfaces.isEmpty }
    }

    var watched: [Watched] { treated + control }

    /// What a link's own counters say of the time before and after.
    func link(_ link: PlannedLink) -> (series: RateSeries, before: Known, after: Known) {
        let series = RateSeries(of: link.link.counters.interface, in: samples[.link(link.link.name)] ?? [])
        return (
            series, Self.known(series, in: input.before, demand: .forVerdict, poll: nil),
            Self.known(series, in: input.after, demand: demand, poll: input.watch.poll)
        )
    }

    /// All samples of a device, oldest first.
    func samples(of device: Device) -> [CounterSample] { samples(of: .device(device.name)) }

    /// All samples of a subject, oldest first.
    func samples(of subject: WatchedAgent.Subject) -> [CounterSample] { samples[subject] ?? [] }

    /// The part of the judged time in which a device held the change.
    func window(of device: Device, isControl: Bool) -> Verdict.Window {
        input.after.since(isControl ? nil : input.changedAt[device.name])
    }

    /// What a series says of the judged time, as far as it may be relied on.
    func known(_ series: RateSeries, in window: Verdict.Window, poll: Timespan) -> Known {
        Self.known(series, in: window, demand: demand, poll: poll)
    }

    /// What a series says of the time before.
    func knownBefore(_ series: RateSeries) -> Known {
        Self.known(series, in: input.before, demand: .forVerdict, poll: nil)
    }

    /// The newest answer of a device in a window that is recent enough to say how things are at its end.
    func newestAnswer(of device: Device, in window: Verdict.Window, mustBeRecent: Bool) -> CounterSample? {
        let newest = samples(of: device).last { $0.unknown == nil && window.contains($0.at) }
        guard let newest, !mustBeRecent || newest.at >= window.to - Self.patience(input.watch.poll) else { return nil }
        return newest
    }

    /// Why a device has no answer in a window.
    func reasonForNoAnswer(of device: Device, in window: Verdict.Window) -> UnknownReason {
        samples(of: device).last { window.contains($0.at) }?.unknown
            ?? UnknownReason(.tooFewSamples, "it was not read")
    }

    /// One finding for each device of the wave that is not watched at all.
    func unwatchedFindings(unit: String) -> [Verdict.Finding] {
        unwatched.map {
            Verdict.Finding(
                subject: $0.name.rawValue, unit: unit,
                unknown: UnknownReason(.notAsked, "none of its interfaces is watched"))
        }
    }

    /// The values of a series over both windows, for a picture. Alarms come every poll and need none.
    func picture(_ series: RateSeries, _ value: (RateSeries.Average) -> Double?) -> [Double] {
        guard demand == .forVerdict else { return [] }
        let points = series.points(in: Verdict.Window(from: input.before.from, to: input.after.to))
        return points.suffix(24).compactMap { value($0.rates) }
    }

    private static func known(_ series: RateSeries, in window: Verdict.Window, demand: Demand, poll: Timespan?) -> Known
    {
        guard let average = series.average(in: window) else { return .unknown(series.reasonForNone(in: window)) }
        guard demand == .forVerdict else { return .rate(average) }
        if let poll, let last = series.lastReading(until: window.to), last < window.to - patience(poll) {
            let silence = GateText.number((window.to - last).seconds)
            return .unknown(
                series.gaps.last { $0.at > last && $0.at <= window.to }?.reason
                    ?? UnknownReason(.tooFewSamples, "it was last read \(silence) s before the end"))
        }
        guard average.seconds * 3 >= window.length.seconds || PlantedBug.isPlanted(.judgesByLittle) else {
            let known = GateText.number(average.seconds)
            let length = GateText.number(window.length.seconds)
            return .unknown(
                series.gaps.last { window.contains($0.at) }?.reason
                    ?? UnknownReason(.tooFewSamples, "only \(known) of \(length) s are known"))
        }
        return .rate(average)
    }

    /// For how long the last reading stands for now: two polls may be lost.
    static func patience(_ poll: Timespan) -> Timespan { poll * 3 + .seconds(2) }
}
