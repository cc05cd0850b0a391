/// The threads that tasks share, for work that takes long or waits for a disk: on a reactor's one thread it would hold up every session.
enum ThreadPool {
    /// Works there, whatever runs the caller.
    static func run<Result: Sendable, Failure: Error>(_ work: () throws(Failure) -> Result) async throws(Failure)
        -> Result
    {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () async throws(Failure) in try work() }
    }
}
