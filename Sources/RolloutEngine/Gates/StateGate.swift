/// Gates on states: interfaces that went down, devices that restarted. Pure.
enum StateGate {
    /// Whether every interface that was up before is up.
    static func interfaces(_ rates: WatchedRates) -> GateConclusion {
        let findings = rates.watched.map { watched -> Verdict.Finding in
            let before = status(of: watched, in: rates.input.before, rates)
            let after = status(of: watched, in: rates.input.after, rates)
            var unknown: UnknownReason?
            if after == nil {
                unknown =
                    rates.samples(of: watched.device, in: rates.input.after).last?.unknown
                    ?? UnknownReason(.tooFewSamples, "its state was not read")
            }
            return Verdict.Finding(
                subject: watched.subject, isControl: watched.isControl,
                failed: after.map { $0 != 1 && before ?? 1 == 1 } ?? false,
                before: before.map(Double.init), after: after.map(Double.init), limit: nil, unit: "", unknown: unknown)
        }
        return GateConclusion(findings, failed: "no longer up", passed: "every watched interface is up")
    }

    private static func status(of watched: WatchedRates.Watched, in window: Verdict.Window, _ rates: WatchedRates)
        -> Int?
    {
        rates.samples(of: watched.device, in: window).last { $0.unknown == nil }?.interfaces
            .first { $0.name == watched.interface }?.operStatus
    }

    /// Whether no device restarted since the wave began.
    static func reboot(_ rates: WatchedRates) -> GateConclusion {
        let window = Verdict.Window(from: rates.input.before.to, to: rates.input.after.to)
        func finding(_ device: Device, control: Bool) -> Verdict.Finding {
            let own = rates.samples[.device(device.name)] ?? []
            let restarted = RateSeries.restarts(in: own, window)
            let seen = own.contains {
                $0.unknown == nil && $0.at >= rates.input.after.from && $0.at <= rates.input.after.to
            }
            return Verdict.Finding(
                subject: device.name.rawValue, isControl: control, failed: restarted, unit: "",
                unknown: seen ? nil : own.last?.unknown ?? UnknownReason(.tooFewSamples, "its uptime was not read"))
        }
        let findings =
            rates.input.treated.map { finding($0, control: false) }
            + rates.input.control.map { finding($0, control: true) }
        return GateConclusion(findings, failed: "restarted", passed: "no device restarted")
    }
}
