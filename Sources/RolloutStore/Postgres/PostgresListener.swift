internal import Dispatch
internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// Hears of facts that any process wrote, over a session of its own that lives as long as somebody waits.
///
/// What is told is a hint. While nobody tells us anything, as the session is lost, who waits is woken every `pollSpan` to look.
final class PostgresListener: Sendable {
    private let location: PostgresLocation
    private let queue = DispatchQueue(label: "rollout postgres listen")
    private let state = Mutex(State())

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
        var isRunning = false
        var isListening = false
        var isClosed = false
    }

    private struct Waiter {
        let rollout: RolloutID
        let continuation: CheckedContinuation<Void, Never>
    }

    /// How long is waited without being told of anything while it is not listened.
    static let pollSpan = Timespan.milliseconds(250)

    /// How long the session is kept when nobody waits any more.
    private static let idleSpan = 10

    init(_ location: PostgresLocation) { self.location = location }

    /// Waits until somebody wrote to a rollout, or for so long, or until the task is cancelled.
    ///
    /// - Parameter isThere: Whether what is waited for is there already; asked when nothing can be missed any more.
    func wait(
        for rollout: RolloutID, atMost span: Timespan, unless isThere: @escaping @Sendable () async -> Bool
    ) async {
        let token = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isListening = state.withLock { state in
                    state.waiters[token] = Waiter(rollout: rollout, continuation: continuation)
                    return state.isListening
                }
                start()
                let limit = isListening ? span : min(span, Self.pollSpan)
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(max(0, limit.milliseconds)))) {
                    self.wake(token)
                }
                if Task.isCancelled { wake(token) }
                // It may have been written between the last look and now.
                Task { if await isThere() { self.wake(token) } }
            }
        } onCancel: {
            wake(token)
        }
    }

    /// Wakes everybody; nobody is told of anything any more.
    func close() {
        state.withLock { $0.isClosed = true }
        wake { _ in true }
    }

    private func wake(_ token: Int) { state.withLock { $0.waiters.removeValue(forKey: token) }?.continuation.resume() }

    private func wake(where isMeant: (RolloutID) -> Bool) {
        let woken = state.withLock { state in
            let tokens = state.waiters.filter { isMeant($0.value.rollout) }.map(\.key)
            return tokens.compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    private func start() {
        let starts = state.withLock { state in
            guard !state.isRunning, !state.isClosed else { return false }
            state.isRunning = true
            return true
        }
        if starts { queue.async { self.run() } }
    }

    private func run() {
        var lastWait = DispatchTime.now()
        while goesOn(since: &lastWait) {
            do {
                let session = try PostgresSession(
                    location, PostgresSession.Settings(purpose: "listen", statementLimit: .seconds(6), isDurable: false)
                )
                try session.query("LISTEN rollout_entries")
                state.withLock { $0.isListening = true }
                // What was written until now was not told of.
                wake { _ in true }
                while goesOn(since: &lastWait) { try hear(session) }
            } catch {
                state.withLock { $0.isListening = false }
                usleep(500_000)
            }
        }
    }

    private func hear(_ session: PostgresSession) throws(PostgresFailure) {
        var polled = pollfd(fd: session.socket, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 500) > 0 else { return }
        let written = Set(try session.notifications().compactMap { Int64($0) })
        wake { written.contains($0.number) }
    }

    /// Whether somebody waits, or did so not long ago; else this was the last turn.
    private func goesOn(since lastWait: inout DispatchTime) -> Bool {
        let now = DispatchTime.now()
        let (goesOn, isWanted) = state.withLock { state in
            let isWanted = !state.waiters.isEmpty
            let goesOn = !state.isClosed && (isWanted || now < lastWait + .seconds(Self.idleSpan))
            if !goesOn {
                state.isRunning = false
                state.isListening = false
            }
            return (goesOn, isWanted)
        }
        if isWanted { lastWait = now }
        return goesOn
    }
}
