import RolloutEngine
internal import Synchronization

/// Proves that a message was written by somebody who has the secret, now, and comes for the first time.
///
/// Its header says `t=SECONDS,v1=CODE`: the code is HMAC-SHA256 in hexadecimal digits over the seconds since 1970, a dot and
/// the body.
final class SignedMessages: Sendable {
    private let secret: Secret
    private let seen = Mutex<[String: Instant]>([:])

    /// How far clocks may differ, and how old a message may be.
    private static let tolerance = Timespan.minutes(5)

    init(secret: Secret) { self.secret = secret }

    /// Why a message is not believed; nil when it is, and then it is not believed a second time.
    func refusal(of header: String, _ body: [UInt8], at now: Instant) -> String? {
        var time: String?
        var code: String?
        for part in header.split(separator: ",") {
            let words = part.split(separator: "=", maxSplits: 1)
            guard words.count == 2 else { continue }
            if words[0].trimming == "t" { time = words[1].trimming }
            if words[0].trimming == "v1" { code = words[1].trimming }
        }
        guard let time, let code, let seconds = Int64(time), (0..<(1 << 40)).contains(seconds) else {
            return "the signature is not t=SECONDS,v1=CODE"
        }
        let expected = secret.reveal { MessageCode.code(of: Array("\(time).".utf8) + body, secret: Array($0.utf8)) }
        guard TokenSecret.areSame(code.lowercased(), expected) else { return "the signature is wrong" }
        let written = Instant(milliseconds: seconds * 1000)
        guard written > now - Self.tolerance, written < now + Self.tolerance else {
            return "the message is from \(written), and it is \(now) here: it is too old, or a clock is wrong"
        }
        return seen.withLock { seen in
            seen = seen.filter { $0.value > now - Self.tolerance }
            return seen.updateValue(written, forKey: expected) == nil ? nil : "this message came before"
        }
    }
}
