import CLinux
import Synchronization

/// Threads for calls that block (name lookup) or that change the thread itself (network namespaces).
///
/// Each call has a fresh thread, which ends with it: what it did to the thread cannot reach anyone else. At most `limit` run at
/// a time; the others wait in order, so that a dead name server costs some threads and not one for each device.
final class HelperThreads: Sendable {
    typealias Work = @Sendable () -> Void

    static let shared = HelperThreads(limit: 32)

    private let limit: Int
    private let state = Mutex((running: 0, waiting: [Work]()))

    init(limit: Int) { self.limit = limit }

    /// Runs the work on a fresh thread, as soon as there is room.
    func run(_ work: @escaping Work) {
        let mayStart = state.withLock { state in
            guard state.running < limit else {
                state.waiting.append(work)
                return false
            }
            state.running += 1
            return true
        }
        if mayStart { start(work) }
    }

    private func start(_ work: @escaping Work) {
        let box = Unmanaged.passRetained(Box(self, work))
        let status = clinux_start_thread(
            { argument in
                guard let argument else { return nil }
                let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                box.work()
                box.owner.finished()
                return nil
            }, box.toOpaque(), 256 * 1024)
        precondition(status == 0, "no helper thread: error \(status)")
    }

    private func finished() {
        let next = state.withLock { state -> Work? in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        if let next { start(next) }
    }

    private final class Box: Sendable {
        let owner: HelperThreads
        let work: Work
        init(_ owner: HelperThreads, _ work: @escaping Work) {
            self.owner = owner
            self.work = work
        }
    }
}
