import Synchronization

/// A few reactors that sessions are spread over in turn.
package final class ReactorGroup: Sendable {
    private let reactors: [Reactor]
    private let turn = Atomic<Int>(0)

    /// The process's own, of one reactor: it makes some six hundred pushes a second, more than any fleet is given at once.
    /// A second one makes every push cost a sixth more, as OpenSSL's locks are shared (Benchmarks/ssh).
    package static let shared = ReactorGroup(name: "rollout-ssh", count: 1)

    /// Starts `count` reactors, at least one.
    package init(name: String, count: Int) {
        reactors = (0..<max(1, count)).map { Reactor(name: "\(name)-\($0)") }
    }

    /// The reactor whose turn it is.
    package func next() -> Reactor {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return reactors[Int(UInt(bitPattern: index) % UInt(reactors.count))]
    }

    /// Ends every wait on every reactor.
    package func stop() {
        for reactor in reactors { reactor.stop() }
    }
}
