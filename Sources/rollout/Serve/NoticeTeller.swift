import Foundation
import RolloutEngine

/// Tells channels what happens in the store: reads its journals, and sends what is due. What it began to send is written down before,
/// what became of it after, so that killed at any moment it goes on with the very same message. A receiver that is dead holds up
/// nobody but its own channel.
actor NoticeTeller: ServedComponent {
    nonisolated let name = "the telling of notices"

    private let store: any JournalStore
    private let clock: any EngineClock
    private let holder: String
    private let settings: NoticeChannels
    private let sender: any NoticeSender
    private let tick: Timespan
    private let log: @Sendable (String) -> Void

    private var service = ServiceState()
    private var notices: [Notice] = []
    private var titles: [RolloutID: String] = [:]
    private var readers: [RolloutID: NoticeReader] = [:]
    /// Up to which fact each rollout was read.
    private var read: [RolloutID: Int64] = [:]
    private var over: Set<RolloutID> = []
    private var looksBackAt: Instant?
    private var sending: [ChannelName: Task<Void, Never>] = [:]
    private var trouble: String?

    /// - Parameters:
    ///   - holder: By which this process is known in the service journal.
    ///   - log: Takes a line for people.
    init(
        store: any JournalStore, clock: any EngineClock, holder: String, settings: NoticeChannels,
        sender: any NoticeSender, tick: Timespan = .seconds(1), log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.holder = holder
        self.settings = settings
        self.sender = sender
        self.tick = tick
        self.log = log
    }

    func run() async throws {
        while !Task.isCancelled {
            await turn()
            await clock.sleep(until: clock.now() + tick)
        }
        for task in sending.values { task.cancel() }
    }

    /// One look at the store, and what follows from it.
    func turn() async {
        do throws(StoreError) {
            for entry in try await store.serviceEntries(after: service.chain.sequence) { take(entry) }
            let records = try await store.rollouts()
            for channel in settings.channels where service.channels[channel.name] == nil {
                try await append(.channelOpened(channel.name, newest: records.map(\.id).max() ?? RolloutID(0)))
            }
            try await look(at: records)
            for channel in settings.channels where sending[channel.name] == nil { try await tell(channel) }
            forget()
            trouble = nil
        } catch {
            if error.code == .overtaken { return }
            if trouble != error.message { log("notices cannot be told: \(error.message)") }
            trouble = error.message
        }
    }

    /// Takes in an entry, once: the look at the store and what was delivered may both come with it.
    private func take(_ entry: ServiceEntry) {
        guard entry.sequence > service.chain.sequence else { return }
        service.apply(entry)
        if let notice = Notice(entry) { notices.append(notice) }
    }

    private func append(_ fact: ServiceFact) async throws(StoreError) {
        take(
            try await store.append(
                fact, by: holder, reason: nil, after: service.chain.sequence, at: clock.now()))
    }

    // MARK: Reading

    private func look(at records: [RolloutRecord]) async throws(StoreError) {
        let now = clock.now()
        let looksBack = looksBackAt.map { now >= $0 } ?? true
        if looksBack { looksBackAt = now + .seconds(30) }
        for record in records where !over.contains(record.id) || looksBack {
            titles[record.id] = record.title
            if read[record.id] == nil { read[record.id] = try await start(of: record) }
            let entries = try await store.entries(of: record.id, after: read[record.id] ?? 0)
            guard !entries.isEmpty else { continue }
            try await take(entries, of: record)
        }
    }

    private func take(_ entries: [JournalEntry], of record: RolloutRecord) async throws(StoreError) {
        let id = record.id
        var reader: NoticeReader
        if let known = readers[id] { reader = known } else { reader = try await makeReader(record, at: read[id] ?? 0) }
        for entry in entries { if let notice = reader.take(entry) { notices.append(notice) } }
        read[id] = reader.state.sequence
        // Of what is over only how far it was read is kept.
        let isOver = reader.state.ending != nil
        readers[id] = isOver ? nil : reader
        if isOver { over.insert(id) } else { over.remove(id) }
    }

    /// A reader that knows everything up to a fact.
    private func makeReader(_ record: RolloutRecord, at sequence: Int64) async throws(StoreError) -> NoticeReader {
        let plan: Plan
        do {
            plan = try PlanFile(try await store.plan(of: record.id), from: "rollout \(record.id)").plan
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.corrupt, "\(error)")
        }
        var state = RolloutState()
        if let kept = try await store.snapshot(of: record.id)?.state, kept.sequence <= sequence { state = kept }
        for entry in try await store.entries(of: record.id, after: state.sequence) where entry.sequence <= sequence {
            state.apply(entry)
        }
        return NoticeReader(record, plan: plan, from: state)
    }

    /// The last fact of a rollout that no channel has to be told.
    private func start(of record: RolloutRecord) async throws(StoreError) -> Int64 {
        var first: Int64 = .max
        for channel in settings.channels {
            guard let state = service.channels[channel.name] else { return 0 }
            let part = state.open?.message.parts.first { $0.rollout == record.id }
            if let known = part?.after ?? state.through[record.id.number] {
                first = min(first, known)
            } else if record.id > state.newest {
                return 0
            } else {
                let whole = try await store.state(of: record.id)
                let isOld = whole.lastEntryAt.map { $0 < state.openedAt } ?? false
                guard isOld else { return 0 }
                first = min(first, whole.sequence)
            }
        }
        return first == .max ? 0 : first
    }

    /// Lets go what every channel was told.
    private func forget() {
        let open = settings.channels.compactMap { service.channels[$0.name]?.open?.message }
        notices.removeAll { notice in
            !open.contains { $0.holds(notice.place) }
                && settings.channels.allSatisfy { !isDue(notice, for: $0) }
        }
    }

    private func isDue(_ notice: Notice, for channel: NoticeChannel) -> Bool {
        guard let state = service.channels[channel.name] else { return true }
        return state.isNew(notice) && channel.wants(notice, of: notice.place.rollout.flatMap { titles[$0] })
    }

    // MARK: Telling

    private func tell(_ channel: NoticeChannel) async throws(StoreError) {
        guard let state = service.channels[channel.name] else { return }
        if state.open == nil {
            let pending = notices.filter { isDue($0, for: channel) }
            guard let message = NoticeClerk.next(channel, state, pending: pending, at: clock.now()) else { return }
            try await append(.messageBegun(message))
        }
        guard let open = service.channels[channel.name]?.open else { return }
        // Another service that lives is sending it.
        let isOurs = open.by == holder || LeaseHolder(open.by)?.isGone ?? false
        guard isOurs || clock.now() > open.at + channel.giveUp + .minutes(5) else { return }
        let told = notices.filter {
            open.message.holds($0.place) && channel.wants($0, of: $0.place.rollout.flatMap { titles[$0] })
        }
        let message = NoticeMessage(
            id: open.id, told, titles: titles, missed: open.message.missed, publicURL: settings.publicURL)
        sending[channel.name] = Task { await self.deliver(message, open, over: channel) }
    }

    private func deliver(_ message: NoticeMessage?, _ open: ChannelState.Open, over channel: NoticeChannel) async {
        var failure: String? = message == nil ? "the settings of the channel changed, and nothing is left to tell" : nil
        if let message {
            let body = MessageBody.bytes(of: message, for: channel.receiver)
            failure = await send(body, open, over: channel)
        }
        guard !Task.isCancelled else { return }
        let fact = ServiceFact.messageSettled(
            channel.name, message: open.entry, notices: message?.notices.count ?? 0, failure: failure)
        if let failure { log("channel \(channel.name): message \(open.id) is given up: \(failure)") }
        // It was sent: that this is remembered has to wait for a store that is away, or full.
        while !Task.isCancelled {
            do {
                _ = try await store.append(fact, by: holder, reason: nil, after: nil, at: clock.now())
                // Heard here before the channel is looked at again, lest the same is sent once more.
                for entry in try await store.serviceEntries(after: service.chain.sequence) { take(entry) }
                break
            } catch {
                await clock.sleep(until: clock.now() + .seconds(5))
            }
        }
        sending[channel.name] = nil
    }

    /// Sends until the receiver took it. Nil when it did, else why it is given up.
    private func send(_ body: Data, _ open: ChannelState.Open, over channel: NoticeChannel) async -> String? {
        let limit = open.at + channel.giveUp
        var failures = 0
        while true {
            switch await sender.send(body, id: open.id, over: channel, at: clock.now()) {
            case .told: return nil
            case .never(let because): return because
            case .again(let because, let after):
                failures += 1
                if failures == 1 { log("channel \(channel.name): \(because); it is tried until \(limit)") }
                let next = clock.now() + NoticeClerk.pause(after: failures, asked: after)
                guard next <= limit, !Task.isCancelled else { return "\(because) (tried \(failures) times)" }
                await clock.sleep(until: next)
            }
        }
    }
}
