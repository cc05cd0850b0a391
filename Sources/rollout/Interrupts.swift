@preconcurrency import Dispatch
import Foundation

/// Ctrl-C and SIGTERM, counted. The first asks, the second insists.
final class Interrupts: Sendable {
    private let task: Task<Void, Never>
    private let sources: [any DispatchSourceSignal]

    init(_ handler: @escaping @Sendable (Int) async -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        task = Task {
            var count = 0
            for await _ in stream {
                count += 1
                let now = count
                // Not awaited: the second signal must get through while the first is being obeyed.
                Task { await handler(now) }
            }
        }
    }

    func stop() {
        task.cancel()
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }
}
