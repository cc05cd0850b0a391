/// Which failure domains a device holds while it is changed, against every other rollout of the store, and when it gives them
/// back. Pure.
struct DomainClaims: Sendable {
    private let plan: Plan
    private let domains: [DeviceName: [FailureDomain]]

    init(_ plan: Plan) {
        self.plan = plan
        domains = Dictionary(
            plan.devices.map { planned in
                (planned.device.name, planned.device.domains.filter { plan.policy.isolate.contains($0.kind) })
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What a device holds while it is changed.
    func claims(of device: DeviceName) -> [DomainClaim] {
        if PlantedBug.isPlanted(.claimsNothing) { return [] }
        return (domains[device] ?? []).map { DomainClaim(domain: $0, device: device) }
    }

    /// What is given back with this fact: a failure domain is free again when its device proved itself, or is known to be as
    /// it was.
    func givenUp(by fact: Fact, in state: RolloutState, at now: Instant) -> [DomainClaim] {
        switch fact {
        case .wavePassed(let index):
            let wave = plan.waves.first { $0.index == index }
            return wave?.devices.filter { !state[$0].isUnknown }.flatMap(claims) ?? []
        case .outcome(let step, let result):
            var device = state[step.device]
            device.take(result, of: step, at: now)
            let isOver = device.phase == .rolledBack || device.phase == .failed
            return isOver || PlantedBug.isPlanted(.givesUpEarly) ? claims(of: step.device) : []
        case .finished:
            return plan.waves.flatMap(\.devices).filter { !state[$0].isUnknown }.flatMap(claims)
        default:
            return []
        }
    }
}
