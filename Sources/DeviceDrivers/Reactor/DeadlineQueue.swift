/// Registrations by deadline, the next one first: a binary heap.
///
/// A wait that ends early is not searched for; its entry stays until it comes up or until most entries are of that kind.
struct DeadlineQueue {
    private struct Entry {
        var deadline: Deadline
        var registration: UInt64
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }
    var next: Deadline? { entries.first?.deadline }

    mutating func insert(_ registration: UInt64, at deadline: Deadline) {
        entries.append(Entry(deadline: deadline, registration: registration))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the next registration whose deadline is not after `now`.
    mutating func popExpired(at now: Deadline) -> UInt64? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        removeFirst()
        return first.registration
    }

    /// Drops entries that nobody waits for any more.
    mutating func compact(keeping isLive: (UInt64) -> Bool) {
        let live = entries.filter { isLive($0.registration) }
        entries = []
        for entry in live { insert(entry.registration, at: entry.deadline) }
    }

    private mutating func removeFirst() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].deadline < entries[smallest].deadline {
                smallest = child
            }
            if smallest == parent { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
