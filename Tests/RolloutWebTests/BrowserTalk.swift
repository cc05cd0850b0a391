import Foundation
import Synchronization

/// What has come from a browser, and how far the talk with it has got.
final class BrowserTalk: Sendable {
    private struct Talk {
        var session = ""
        var number = 0
        var bytes = Data()
    }
    private let talk = Mutex(Talk())

    var text: String { talk.withLock { $0.session } }
    func set(_ session: String) { talk.withLock { $0.session = session } }
    func next() -> Int {
        talk.withLock { talk in
            talk.number += 1
            return talk.number
        }
    }
    func add(_ bytes: some Sequence<UInt8>) { talk.withLock { $0.bytes.append(contentsOf: bytes) } }

    /// The next message that is whole; they end with a zero byte.
    func takeMessage() -> Data? {
        talk.withLock { talk in
            guard let end = talk.bytes.firstIndex(of: 0) else { return nil }
            let message = Data(talk.bytes[..<end])
            talk.bytes = Data(talk.bytes[(end + 1)...])
            return message
        }
    }
}
