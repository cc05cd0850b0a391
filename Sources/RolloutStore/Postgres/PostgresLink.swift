internal import Dispatch
internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// Keeps one session with a server: work goes through it one after the other, on a thread of its own, and a session that was lost is
/// opened anew.
///
/// A session that was lost may live on at the server, with work of ours that has not ended, or not even begun. Before anything else
/// is done on the new one, the old one is ended there: from then on what it did is decided.
final class PostgresLink: Sendable {
    let location: PostgresLocation
    let trouble: PostgresTrouble
    private let settings: PostgresSession.Settings
    private let prepare: @Sendable (PostgresSession) throws -> Void
    private let queue: DispatchQueue
    /// Only touched on the queue; the lock is what says so to the compiler.
    private let state = Mutex(State())

    private struct State {
        var session: PostgresSession?
        /// Sessions that were lost and may live on.
        var leftBehind: Set<PostgresSession.Identity> = []
        var failures = 0
        /// When it is tried again, in nanoseconds of uptime, and what was wrong last time.
        var retryAt: UInt64 = 0
        var lastError: StoreError?
        var isClosed = false
    }

    /// A link that connects when it is first used.
    ///
    /// - Parameter prepare: Done first in each session; what it throws is as if nobody had answered.
    init(
        to location: PostgresLocation, _ settings: PostgresSession.Settings,
        preparing prepare: @escaping @Sendable (PostgresSession) throws -> Void
    ) {
        self.location = location
        self.settings = settings
        self.prepare = prepare
        trouble = PostgresTrouble(name: location.name)
        queue = DispatchQueue(label: "rollout postgres \(settings.purpose)")
    }

    /// Runs work on the session. The caller's cancellation does not tear it.
    ///
    /// Where the session is lost, the work is done once more on a new one: it has to find out itself what became of the first time.
    ///
    /// - Throws: `.unavailable` at once while the server is away: it is asked again after 0.1 s, then ever more seldom up to 2 s.
    func run<Value: Sendable>(_ work: @escaping @Sendable (PostgresSession) throws -> Value) async throws(StoreError)
        -> Value
    {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.async {
                let result: Result<Value, StoreError> = self.state.withLock { state in
                    do {
                        return .success(try self.attempt(work, &state))
                    } catch {
                        return .failure(self.trouble.explain(error))
                    }
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    /// Ends the session. Later calls fail.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.state.withLock { state in
                    state.session = nil
                    state.isClosed = true
                }
                continuation.resume()
            }
        }
    }

    private func attempt<Value>(_ work: (PostgresSession) throws -> Value, _ state: inout State) throws -> Value {
        // A session that stood idle may have been ended by the server since.
        for isLast in [false, true] {
            let session = try session(&state)
            do {
                return try work(session)
            } catch let failure as PostgresFailure where failure.isLost {
                state.leftBehind.insert(session.identity)
                state.session = nil
                if isLast { throw failure }
            }
        }
        throw trouble.away("the connection was lost")
    }

    private func session(_ state: inout State) throws -> PostgresSession {
        guard !state.isClosed else { throw StoreError(.unavailable, "\(location.name) was closed") }
        if let session = state.session { return session }
        if let error = state.lastError, DispatchTime.now().uptimeNanoseconds < state.retryAt { throw error }
        do {
            let session = try PostgresSession(location, settings)
            for old in state.leftBehind { try end(old, from: session) }
            state.leftBehind = []
            try prepare(session)
            state.session = session
            state.failures = 0
            state.lastError = nil
            return session
        } catch {
            let explained = trouble.explain(error)
            let pause = min(2000, 100 << min(state.failures, 10)) * Int.random(in: 75...100) / 100
            state.failures += 1
            state.retryAt = DispatchTime.now().uptimeNanoseconds + UInt64(pause) * 1_000_000
            state.lastError = explained
            throw explained
        }
    }

    /// Ends an earlier session of ours at the server, and waits until it is gone.
    private func end(_ old: PostgresSession.Identity, from session: PostgresSession) throws {
        for _ in 0..<100 {
            guard try session.terminate(old) else { return }
            usleep(30_000)
        }
        throw StoreError(
            .unavailable,
            "\(location.name) still runs an earlier session of this process (pid \(old.process)) that cannot be ended; "
                + "nothing is written until it is gone")
    }
}
