// What a runner sees of the farm beside its own journal, and which places and domains it claims there.
extension RolloutRunner {
    /// How old the store's word on places under the cap may be; a place that is gone meanwhile is found out when it is claimed.
    private static let placesAreFresh: Timespan = .seconds(5)

    /// What is seen of the farm beside the journal. Places that are needed no more are given back first.
    func farmView() async throws(StoreError) -> FarmView {
        guard let debt = reconciler.debt else { return FarmView() }
        let now = clock.now()
        if placesReadAt.map({ now - $0 > Self.placesAreFresh }) ?? true {
            places.read(try await journal.claims(), of: id)
            placesReadAt = now
        }
        let over = places.own.keys.sorted().filter { !debt.needsPlace($0, in: state) }
        if !over.isEmpty, state.ending == nil {
            try await append([], releasing: places.claims(of: over))
            places.read(try await journal.claims(), of: id)
        }
        let owing = debt.devices(in: state)
        var heardSince: [DeviceName: Instant] = [:]
        for name in owing { heardSince[name] = samples.heardSince(.device(name), at: now) }
        return FarmView(heardSince: heardSince, freePlaces: places.free, placed: Set(places.own.keys))
    }

    func placesTaken(by facts: [Fact]) -> [DomainClaim] {
        facts.flatMap { fact -> [DomainClaim] in
            guard case .waveStarted(let index) = fact, let wave = plan.waves.first(where: { $0.index == index }) else {
                return []
            }
            placesReadAt = nil
            let view = FarmView(placed: Set(places.own.keys))
            return places.claims(for: reconciler.placeless(at: wave, state, view))
        }
    }

    func claims(for devices: [DeviceName]) -> [DomainClaim] {
        let view = FarmView(placed: Set(places.own.keys))
        let placeless = reconciler.placeless(reconciler.owing(state) + devices, state, view)
        if !placeless.isEmpty { placesReadAt = nil }
        return devices.flatMap { domains.claims(of: $0) } + places.claims(for: placeless)
    }
}
