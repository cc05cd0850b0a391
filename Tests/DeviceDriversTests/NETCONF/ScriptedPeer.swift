import RolloutEngine
import Synchronization

@testable import DeviceDrivers

/// A NETCONF peer that says what a test wants, in the pieces that it wants.
final class ScriptedPeer: ConsoleSession {
    /// What the peer does when a message has arrived.
    enum Act: Sendable {
        /// Says these bytes.
        case say(String)
        /// Hangs up.
        case hangUp
    }

    private struct State {
        var reader = NETCONFFrameReader(limit: 1 << 20)
        var received: [Markup] = []
        var outgoing: [UInt8] = []
        var isGone = false
        var isClosed = false
    }

    private actor Host {}

    let host: any Actor = Host()
    private let state = Mutex(State())
    private let size: Int
    private let chunked: Bool
    private let answer: @Sendable (Markup, Int) -> [Act]

    /// - Parameters:
    ///   - hello: What it says at once, delimiter included.
    ///   - size: How many bytes it hands over at a time.
    ///   - chunked: Whether it expects chunks after our hello.
    ///   - answer: What it does with the n-th request, from 1.
    init(
        hello: String, size: Int = 1 << 20, chunked: Bool = true,
        answer: @escaping @Sendable (Markup, Int) -> [Act] = { _, _ in [] }
    ) {
        self.size = size
        self.chunked = chunked
        self.answer = answer
        state.withLock { $0.outgoing = Array(hello.utf8) }
    }

    /// The messages that arrived, our hello first.
    var received: [Markup] { state.withLock { $0.received } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func send(_ bytes: [UInt8], within limit: Timespan) async throws(DriverError) {
        let wasGone = state.withLock { state in
            guard !state.isGone else { return true }
            state.reader.feed(bytes)
            while let bytes = try? state.reader.next(), let message = try? MarkupReader.read(bytes) {
                state.received.append(message)
                if chunked { state.reader.framing = .chunked }
                guard state.received.count > 1 else { continue }
                for act in answer(message, state.received.count - 1) {
                    switch act {
                    case .say(let text): state.outgoing += text.utf8
                    case .hangUp: state.isGone = true
                    }
                }
            }
            return false
        }
        if wasGone { throw DriverError(.connectionLost, "the peer hung up", effect: .possible) }
    }

    func receive(within limit: Timespan) async throws(DriverError) -> [UInt8] {
        let (bytes, isGone) = state.withLock { state in
            let bytes = Array(state.outgoing.prefix(size))
            state.outgoing.removeFirst(bytes.count)
            return (bytes, state.isGone)
        }
        if bytes.isEmpty {
            if isGone { throw DriverError(.connectionLost, "the peer hung up", effect: .possible) }
            try? await Task.sleep(for: limit.duration)
        }
        return bytes
    }

    func close() async { state.withLock { $0.isClosed = true } }

    /// A hello with capabilities, whole.
    static func hello(_ capabilities: [String], session: String = "<session-id>7</session-id>") -> String {
        let list = capabilities.map { "<capability>\($0)</capability>" }.joined()
        return "<hello xmlns=\"\(NETCONF.base)\"><capabilities>\(list)</capabilities>\(session)</hello>]]>]]>"
    }

    static let base10 = "urn:ietf:params:netconf:base:1.0"
    static let base11 = "urn:ietf:params:netconf:base:1.1"

    /// A reply in one chunk.
    static func chunked(_ message: String) -> String { "\n#\(message.utf8.count)\n\(message)\n##\n" }

    /// A reply to a request.
    static func reply(_ id: Int, _ content: String) -> String {
        "<rpc-reply xmlns=\"\(NETCONF.base)\" message-id=\"\(id)\">\(content)</rpc-reply>"
    }
}
