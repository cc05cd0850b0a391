public import Foundation

/// Brings messages to receivers.
public protocol NoticeSender: Sendable {
    /// Sends a body once, within bounds of time and size that hold whatever the receiver does.
    ///
    /// - Parameter id: The message's name, which goes along.
    func send(_ body: Data, id: String, over channel: NoticeChannel, at now: Instant) async -> NoticeSending
}

/// What came of sending. No words in it hold an address or a secret.
public enum NoticeSending: Hashable, Sendable {
    /// The receiver took it.
    case told
    /// It may be taken later; not before a time, where the receiver said one.
    case again(because: String, after: Timespan?)
    /// The receiver will never take it.
    case never(because: String)
}
