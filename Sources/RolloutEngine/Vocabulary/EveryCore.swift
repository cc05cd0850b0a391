internal import Foundation
internal import Synchronization

/// What comes of the items of a long list, worked out on every core, some at once, in their order.
///
/// - Throws: What `work` threw for the first part that it threw for.
package func onEveryCore<Items: RandomAccessCollection & Sendable, Outcome: Sendable>(
    _ items: Items, atOnce: Int, _ work: @Sendable (Items.SubSequence) throws -> [Outcome]
) throws -> [Outcome] where Items.SubSequence: Sendable {
    guard items.count > atOnce else { return try work(items[...]) }
    let starts = Array(stride(from: 0, to: items.count, by: atOnce))
    let parts = Mutex([Result<[Outcome], any Error>?](repeating: nil, count: starts.count))
    DispatchQueue.concurrentPerform(iterations: starts.count) { number in
        let part = items.dropFirst(starts[number]).prefix(atOnce)
        let outcome = Result { try work(part) }
        parts.withLock { $0[number] = outcome }
    }
    return try parts.withLock { parts in try parts.flatMap { try $0?.get() ?? [] } }
}
