/// How long a plan takes when nothing goes wrong. An estimate: nobody knows how fast the devices answer before the night.
public enum PlanDuration {
    /// What one device is taken to need from the push to its confirmation.
    public static let perDevice = Timespan.seconds(2)

    /// The estimate for a whole plan: its baseline, then for each wave its pushes, as many at once as the policy allows,
    /// and its soak.
    public static func estimate(_ plan: Plan) -> Timespan {
        let baseline = plan.policy.gates.isEmpty || plan.waves.isEmpty ? Timespan.zero : plan.policy.watch.baseline
        return plan.waves.reduce(baseline) { $0 + estimate($1, plan.policy) }
    }

    /// The estimate for one wave.
    public static func estimate(_ wave: Wave, _ policy: Policy) -> Timespan {
        let atOnce = max(1, min(wave.devices.count, policy.inFlight.overall, policy.inFlight.perDatacentre ?? .max))
        return perDevice * Int64((wave.devices.count + atOnce - 1) / atOnce) + wave.soak
    }
}
