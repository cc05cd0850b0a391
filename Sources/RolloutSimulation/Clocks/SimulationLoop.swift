internal import RolloutEngine
internal import Synchronization

/// Runs asynchronous work on one thread, step by step in the order in which it comes, in time that goes on only when nothing
/// is left to do: hours pass in milliseconds, and the same work takes the same course every time.
///
/// It holds for whatever inherits the executor: structured child tasks and actors without an executor of their own. An
/// unstructured task has to be started with `start`.
public final class SimulationLoop: TaskExecutor {
    /// The time in the loop. Nobody else may move it.
    public let clock: ManualClock
    private let jobs = Mutex<[UnownedJob]>([])
    private let started = Mutex<[Task<Void, Never>]>([])

    /// A loop in which it is this time.
    public init(clock: ManualClock = ManualClock()) { self.clock = clock }

    /// Takes a step that can be done now.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Starts work beside what is running.
    @discardableResult
    public func start(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        let task = Task(executorPreference: self) { await work() }
        started.withLock { $0.append(task) }
        return task
    }

    /// Ends whatever was started and still waits, so that nothing of it is left in memory.
    public func stop() {
        for task in started.withLock(\.self) { task.cancel() }
        runJobs()
        while let next = clock.nextWake {
            clock.advance(to: next)
            runJobs()
        }
        started.withLock { $0 = [] }
    }

    /// Runs work to its end, on the calling thread.
    ///
    /// - Throws: What the work throws, or `SimulationError` when the work is not done and nothing would ever wake it.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        start {
            do { outcome.set(.success(try await work())) } catch { outcome.set(.failure(error)) }
        }
        while true {
            runJobs()
            if let result = outcome.value { return try result.get() }
            guard let next = clock.nextWake else {
                throw SimulationError("the work is not done, and nothing is left to do or to wait for")
            }
            clock.advance(to: next)
        }
    }

    private func runJobs() {
        var batch: [UnownedJob] = []
        while true {
            jobs.withLock { swap(&$0, &batch) }
            if batch.isEmpty { return }
            for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
            // Its room is what the next ones are taken into.
            batch.removeAll(keepingCapacity: true)
        }
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let result = Mutex<Result<Value, any Error>?>(nil)
        var value: Result<Value, any Error>? { result.withLock(\.self) }
        func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
    }
}
