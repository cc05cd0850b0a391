import Foundation
import RolloutEngine
import RolloutSimulation
import Synchronization
import Testing

@testable import rollout

/// What reaches receivers, whatever happens to whoever sends.
@Suite("The telling of notices", .timeLimit(.minutes(2)))
struct NoticeTellerTests {
    /// A receiver that keeps what came, and answers as it is told to.
    private final class Receiver: NoticeSender {
        private let state = Mutex((bodies: [(id: String, body: Data)](), answers: [NoticeSending]()))
        /// Does something once a body was taken, before the sender hears of it.
        let afterwards: @Sendable () async -> Void

        init(afterwards: @escaping @Sendable () async -> Void = {}) { self.afterwards = afterwards }

        var came: [(id: String, body: Data)] { state.withLock { $0.bodies } }
        func answer(_ answers: [NoticeSending]) { state.withLock { $0.answers = answers } }

        func send(_ body: Data, id: String, over channel: NoticeChannel, at now: Instant) async -> NoticeSending {
            let answer = state.withLock { state -> NoticeSending in
                state.bodies.append((id, body))
                return state.answers.isEmpty ? .told : state.answers.removeFirst()
            }
            await afterwards()
            return answer
        }
    }

    private let clock = ManualClock(at: Instant(milliseconds: 1_770_000_000_000))
    private let store = MemoryJournalStore()
    private let channels = NoticeChannels(
        publicURL: nil, channels: [NoticeChannel(name: "oncall", receiver: .generic, url: .environment("URL"))])

    private func teller(_ receiver: Receiver, holder: String) -> NoticeTeller {
        NoticeTeller(
            store: store, clock: clock, holder: holder, settings: channels, sender: receiver, log: { _ in })
    }

    private func settles(_ teller: NoticeTeller, _ isReached: () async throws -> Bool) async throws {
        for _ in 0..<2000 {
            await teller.turn()
            if try await isReached() { return }
            clock.advance(by: .seconds(1))
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("it was never reached")
    }

    private func stop(_ reason: String) async throws {
        _ = try await store.append(.lineStopped, by: "ada", reason: reason, after: nil, at: clock.now())
        clock.advance(by: .seconds(5))
    }

    private func state() async throws -> ChannelState? { try await store.serviceState().channels["oncall"] }

    @Test("a new channel hears nothing of what was before, and everything after, once")
    func once() async throws {
        try await stop("before")
        let receiver = Receiver()
        let teller = teller(receiver, holder: "one")
        await teller.turn()
        try await stop("after")
        try await settles(teller) { try await state()?.told == 1 }
        for _ in 0..<5 { await teller.turn() }
        #expect(receiver.came.count == 1)
        let only = try #require(receiver.came.first)
        let body = String(decoding: only.body, as: UTF8.self)
        #expect(body.contains("after") && !body.contains("before"))
    }

    @Test("killed between sending and remembering, the next one sends the very same again, under the same name")
    func killed() async throws {
        let receiver = Receiver()
        // A process of this machine that is gone.
        let gone = LeaseHolder.current.description.replacing(/pid \d+ start \d+/, with: "pid 4194300 start 1")
        let first = teller(Receiver(afterwards: { try? await Task.sleep(for: .seconds(3600)) }), holder: gone)
        await first.turn()
        try await stop("fibre cut")
        await first.turn()
        let open = try #require(try await state()?.open)
        // More happens before anybody goes on.
        try await stop("once more")
        let second = teller(receiver, holder: "two")
        try await settles(second) { try await state()?.told == 1 }
        let again = try #require(receiver.came.first)
        #expect(again.id == open.id)
        let text = String(decoding: again.body, as: UTF8.self)
        #expect(text.contains("fibre cut") && !text.contains("once more"))
        try await settles(second) { try await state()?.told == 2 }
        let rest = try #require(receiver.came.last)
        #expect(String(decoding: rest.body, as: UTF8.self).contains("once more"))
    }

    @Test("a receiver in trouble is tried again with the same message, then given up, and that is remembered and said")
    func givenUp() async throws {
        let receiver = Receiver()
        let teller = teller(receiver, holder: "one")
        await teller.turn()
        receiver.answer([.again(because: "busy", after: nil), .again(because: "busy", after: nil)])
        try await stop("first")
        try await settles(teller) { try await state()?.told == 1 }
        #expect(Set(receiver.came.map(\.id)).count == 1 && receiver.came.count == 3)
        receiver.answer([.never(because: "no such hook")])
        try await stop("second")
        try await settles(teller) { try await state()?.givenUp != nil }
        #expect(try await state()?.givenUp?.because == "no such hook")
        #expect(try await state()?.missed == 1)
        try await stop("third")
        try await settles(teller) { try await state()?.told == 2 }
        let newest = try #require(receiver.came.last)
        let last = String(decoding: newest.body, as: UTF8.self)
        #expect(last.contains("1 notices before this one could not be delivered"))
        #expect(try await state()?.missed == 0)
    }
}
