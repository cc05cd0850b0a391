/// The places under the cap of devices in debt, numbered, of which each is claimed in the store by one device of one rollout: so
/// that rollouts that run at once never have more devices in debt together than the cap.
struct DebtPlaces: Sendable {
    static let kind = "peak-debt"

    let cap: Int
    /// The places of this rollout's devices.
    private(set) var own: [DeviceName: FailureDomain] = [:]
    private var taken: Set<FailureDomain> = []

    init(cap: Int) { self.cap = cap }

    /// The number of places that nobody has.
    var free: Int { max(0, cap - taken.count + (PlantedBug.isPlanted(.debtCapOffByOne) && cap < .max ? 1 : 0)) }

    /// Takes in what the store says.
    mutating func read(_ claims: [HeldClaim], of id: RolloutID) {
        own = [:]
        taken = []
        for held in claims where held.claim.domain.kind == Self.kind {
            taken.insert(held.claim.domain)
            if held.rollout == id { own[held.claim.device] = held.claim.domain }
        }
    }

    /// The claims with which these devices get a place, as far as there are any.
    func claims(for devices: [DeviceName]) -> [DomainClaim] {
        let waiting = devices.filter { own[$0] == nil }
        var number = 0
        return waiting.prefix(free).map { device in
            var place: FailureDomain
            repeat {
                number += 1
                place = FailureDomain(kind: Self.kind, value: "\(number)")
            } while taken.contains(place)
            return DomainClaim(domain: place, device: device)
        }
    }

    /// What these devices give back.
    func claims(of devices: some Sequence<DeviceName>) -> [DomainClaim] {
        devices.compactMap { device in own[device].map { DomainClaim(domain: $0, device: device) } }
    }
}
