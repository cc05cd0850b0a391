/// The rates of everything that a wave's gates look at, computed once for all gates.
struct WatchedRates {
    /// One watched interface of one device.
    struct Watched {
        let device: Device
        let interface: String
        let isControl: Bool
        let series: RateSeries
        let before: RateSeries.Average?
        let after: RateSeries.Average?

        /// `gra-eco-05`, with the interface where the device has several.
        var subject: String { device.interfaces.count > 1 ? "\(device.name) \(interface)" : device.name.rawValue }
    }

    let input: GateInput
    let samples: [WatchedAgent.Subject: [CounterSample]]
    let watched: [Watched]

    init(_ input: GateInput) {
        self.input = input
        let samples = Dictionary(grouping: input.samples, by: \.subject)
        self.samples = samples
        func watch(_ devices: [Device], control: Bool) -> [Watched] {
            devices.flatMap { device in
                device.interfaces.map { interface in
                    let own = samples[.device(device.name)] ?? []
                    let series = RateSeries(of: interface, in: own)
                    return Watched(
                        device: device, interface: interface, isControl: control, series: series,
                        before: series.average(in: input.before),
                        after: series.average(in: input.after, excluding: input.changedAt[device.name]))
                }
            }
        }
        watched = watch(input.treated, control: false) + watch(input.control, control: true)
    }

    var treated: [Watched] { watched.filter { !$0.isControl } }
    var control: [Watched] { watched.filter(\.isControl) }

    /// The samples of a device in a window.
    func samples(of device: Device, in window: Verdict.Window) -> [CounterSample] {
        (samples[.device(device.name)] ?? []).filter { $0.at >= window.from && $0.at <= window.to }
    }

    /// The values of a series over both windows, for a picture.
    func picture(_ series: RateSeries, _ value: (RateSeries.Point) -> UInt64?, factor: Double) -> [Double] {
        series.points.filter { $0.from >= input.before.from && $0.to <= input.after.to }.suffix(24).compactMap {
            point in
            value(point).map { Double($0) * factor / max(point.seconds, 0.001) }
        }
    }
}
