internal import Foundation

/// One event of a stream (HTML Living Standard, 9.2).
struct ServerSentEvent: Sendable {
    /// What kind it is.
    var name: String
    /// What a client that comes back says to have seen.
    var id: String
    /// JSON, on one line.
    var data: String

    /// As it is sent.
    var bytes: Data { Data("event: \(name)\nid: \(id)\ndata: \(data)\n\n".utf8) }

    /// Keeps a connection open, and finds out whether there still is one.
    static let heartbeat = Data(": still here\n\n".utf8)
}
