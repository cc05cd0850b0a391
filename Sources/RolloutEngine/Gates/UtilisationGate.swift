/// Whether an interface that is shaped sends its full rate all through the soak: then the rate is too small. Pure.
///
/// It is the rate to which the change shapes it that is compared with, not the speed of the interface.
struct UtilisationGate {
    let rates: WatchedRates
    let maximum: Share

    var conclusion: GateConclusion {
        let findings = findings
        guard !findings.isEmpty else {
            return GateConclusion(.pass, "no interface of this wave is shaped as a whole", [])
        }
        return GateConclusion(
            findings, failed: "at \(maximum) of the shaped rate or more all through the soak:",
            describe: { "sends \(GateText.rate($0.after ?? 0)), limit \(GateText.rate($0.limit ?? 0))" },
            passed: "no shaped interface is full all through the soak")
    }

    private var findings: [Verdict.Finding] {
        rates.input.treated.flatMap { device -> [Verdict.Finding] in
            let shaped = rates.input.shapedRates[device.name] ?? [:]
            return shaped.sorted { $0.key < $1.key }.map { interface, rate in
                let limit = Double(rate.value) * maximum.fraction
                let subject = device.interfaces.count > 1 ? "\(device.name) \(interface)" : device.name.rawValue
                let watched = rates.treated.first { $0.device.name == device.name && $0.interface == interface }
                guard let watched else {
                    return Verdict.Finding(
                        subject: subject, limit: limit, unit: "bit/s",
                        unknown: UnknownReason(.notAsked, "interface \(interface) is shaped and not watched"))
                }
                return finding(watched, subject, limit)
            }
        }
    }

    private func finding(_ watched: WatchedRates.Watched, _ subject: String, _ limit: Double) -> Verdict.Finding {
        let after = watched.after.rate?.bitsOut
        let points = watched.series.points(in: watched.window).compactMap(\.rates.bitsOut)
        let isFull = points.count >= Self.enough && points.allSatisfy { $0 >= limit }
        var unknown: UnknownReason?
        if after == nil {
            let absent = UnknownReason(.absent, "the agent does not count octets of \(watched.interface)")
            unknown = watched.after.reason ?? absent
        } else if points.count < Self.enough {
            unknown = UnknownReason(
                .tooFewSamples, "only \(points.count) intervals are known, \(Self.enough) are needed")
        }
        return Verdict.Finding(
            subject: subject, failed: isFull && unknown == nil, before: watched.before.rate?.bitsOut, after: after,
            limit: limit, unit: "bit/s", series: rates.picture(watched.series, \.bitsOut), unknown: unknown)
    }

    private static let enough = 3
}
