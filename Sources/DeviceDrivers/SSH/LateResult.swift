import Synchronization

/// A value that one thread delivers and another takes, unless it gave up meanwhile.
final class LateResult<Value: Sendable>: Sendable {
    private enum State {
        case awaited
        case delivered(Value)
        case abandoned
    }

    private let state = Mutex(State.awaited)

    /// Hands over the value; false when nobody wants it any more.
    func deliver(_ value: Value) -> Bool {
        state.withLock { state in
            guard case .awaited = state else { return false }
            state = .delivered(value)
            return true
        }
    }

    /// Takes the value, if it has come.
    func take() -> Value? {
        state.withLock { state in
            guard case .delivered(let value) = state else { return nil }
            return value
        }
    }

    /// Gives up; gives a value that has come all the same.
    func abandon() -> Value? {
        state.withLock { state in
            defer { state = .abandoned }
            guard case .delivered(let value) = state else { return nil }
            return value
        }
    }
}
