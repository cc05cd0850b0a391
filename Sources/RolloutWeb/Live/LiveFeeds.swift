internal import Foundation
import RolloutEngine

/// Tells whoever looks at a rollout's page what changes, as soon as it is in the journal. Each rollout is looked at once,
/// however many look at its page, and not at all when nobody does.
actor LiveFeeds {
    private let store: any JournalStore
    private let catalog: RolloutCatalog
    private let links: LinkLoads
    private var feeds: [RolloutID: Feed] = [:]
    private var lastReader = 0

    private struct Feed {
        var readers: [Int: Reader] = [:]
        var seen: Seen?
        var watch: Task<Void, Never>?
    }

    /// Somebody who looks.
    private struct Reader {
        var stream: AsyncStream<Data>.Continuation
        /// When it has to show again that it may.
        var until: ContinuousClock.Instant
    }

    /// What those who look have been told.
    private struct Seen {
        var image: LiveImage
        var sequence: Int64
        var driver: String?
        var loads: [LinkLoad]

        init(_ reading: RolloutReading, _ loads: [LinkLoad]) {
            image = LiveImage(RolloutPage(reading: reading, links: loads))
            sequence = reading.state.sequence
            driver = reading.status.driver
            self.loads = loads
        }
    }

    /// How often the journal is asked for news.
    private static let pace = Duration.milliseconds(100)
    /// How often something is sent although nothing happened.
    private static let heartbeat = Duration.seconds(15)
    /// How long one stream lasts; a browser asks for the next by itself.
    private static let life = Duration.seconds(300)
    /// Who lags behind by more updates than that starts afresh.
    private static let mostWaiting = 64
    /// More events at once than that are not told one by one.
    private static let mostEvents = 200

    init(store: any JournalStore, catalog: RolloutCatalog, links: LinkLoads) {
        self.store = store
        self.catalog = catalog
        self.links = links
    }

    /// How many look.
    var readers: Int { feeds.values.reduce(0) { $0 + $1.readers.count } }

    /// Updates of a rollout's page from now on: first all of it, then what changes.
    ///
    /// - Parameter sequence: The last entry that the page knows.
    func updates(of id: RolloutID, after sequence: Int64) async throws -> AsyncStream<Data> {
        let reading = try await catalog.reading(of: id)
        let seen = Seen(reading, try await links.loads(of: reading))
        let now = seen.sequence
        let entries = sequence < now ? try await store.entries(of: id, after: sequence) : []
        let events = entries.filter { $0.sequence <= now }.suffix(Self.mostEvents).compactMap(EventItem.item)
        let (stream, continuation) = AsyncStream.makeStream(
            of: Data.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        lastReader += 1
        let reader = lastReader
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            Task { await self.leave(id, reader) }
        }
        var feed = feeds[id] ?? Feed()
        // Those who look already are told what is new by the watch, from what they have.
        if feed.readers.isEmpty || feed.seen == nil { feed.seen = seen }
        feed.readers[reader] = Reader(stream: continuation, until: .now + Self.life)
        if feed.watch == nil { feed.watch = Task { [weak self] in await self?.watch(id) } }
        feeds[id] = feed
        continuation.yield(Data("retry: 2000\n\n".utf8))
        continuation.yield(
            ServerSentEvent(name: "update", id: "\(now)", data: seen.image.whole(events: events).text).bytes)
        return stream
    }

    private func leave(_ id: RolloutID, _ reader: Int) {
        feeds[id]?.readers[reader] = nil
        if feeds[id]?.readers.isEmpty == true {
            feeds[id]?.watch?.cancel()
            feeds[id] = nil
        }
    }

    private func watch(_ id: RolloutID) async {
        var lastSent = ContinuousClock.now
        while !Task.isCancelled, feeds[id] != nil {
            try? await Task.sleep(for: Self.pace)
            for (_, reader) in feeds[id]?.readers ?? [:] where reader.until < .now { reader.stream.finish() }
            guard let seen = feeds[id]?.seen else { return }
            // A store that cannot be asked now may be asked again; who looks sees that nothing comes.
            guard let reading = try? await catalog.reading(of: id), let loads = try? await links.loads(of: reading)
            else { continue }
            // It is not drawn anew before something changes.
            guard
                reading.state.sequence != seen.sequence || reading.status.driver != seen.driver
                    || loads != seen.loads
            else {
                if ContinuousClock.now - lastSent > Self.heartbeat {
                    send(ServerSentEvent.heartbeat, id)
                    lastSent = .now
                }
                continue
            }
            guard let entries = try? await store.entries(of: id, after: seen.sequence) else { continue }
            let new = Seen(reading, loads)
            let events = entries.filter { $0.sequence <= new.sequence }.suffix(Self.mostEvents)
            let update = new.image.update(from: seen.image, events: events.compactMap(EventItem.item))
            guard feeds[id] != nil else { return }
            feeds[id]?.seen = new
            if !update.isEmpty {
                send(ServerSentEvent(name: "update", id: "\(new.sequence)", data: update.text).bytes, id)
                lastSent = .now
            }
        }
    }

    private func send(_ data: Data, _ id: RolloutID) {
        for (_, reader) in feeds[id]?.readers ?? [:] {
            // Who missed one would show what is not so. It comes back by itself, and is told all.
            if case .dropped = reader.stream.yield(data) { reader.stream.finish() }
        }
    }
}
