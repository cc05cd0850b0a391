import RolloutEngine

/// Counts what is in the journals of the rollouts that go on or ended lately, reading each entry once.
actor MetricsBook {
    private let store: any JournalStore
    private let catalog: RolloutCatalog
    private let links: LinkLoads
    private let clock: any EngineClock
    private var counts: [RolloutID: JournalCounts] = [:]

    /// Of older rollouts dashboards know all that there is.
    private static let lately = Timespan.minutes(24 * 60)
    private static let most = 50

    init(store: any JournalStore, catalog: RolloutCatalog, links: LinkLoads, clock: any EngineClock) {
        self.store = store
        self.catalog = catalog
        self.links = links
        self.clock = clock
    }

    /// The rollouts, oldest first.
    ///
    /// - Parameter isShown: Whether whoever asks may see it.
    func rows(_ isShown: (Extent) -> Bool) async throws -> [MetricsPage.Row] {
        var rows: [MetricsPage.Row] = []
        let now = clock.now()
        for record in try await catalog.records().prefix(Self.most) {
            guard let (summary, extent) = try? await catalog.summary(of: record), isShown(extent),
                summary.endedAt.map({ now - $0 < Self.lately }) ?? true
            else { continue }
            let reading = try await catalog.reading(of: record.id)
            var counts = counts[record.id] ?? JournalCounts()
            for entry in try await store.entries(of: record.id, after: counts.sequence) {
                counts.apply(entry, of: reading.fixed)
            }
            self.counts[record.id] = counts
            rows.append(
                MetricsPage.Row(reading: reading, counts: counts, links: try await links.loads(of: reading)))
        }
        return rows.reversed()
    }
}
