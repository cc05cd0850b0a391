import Foundation
import RolloutEngine

/// Tells systemd how the service is doing, as sd_notify(3) does: a datagram to the socket that it names.
struct SystemdNotifier: Sendable {
    /// Where systemd listens; nil when nobody does.
    private let socketPath: String?
    /// How often systemd wants to hear that the service lives; nil when it does not.
    let watchdog: Timespan?

    /// Reads what systemd put into the environment.
    init(_ environment: [String: String], process: Int32 = ProcessInfo.processInfo.processIdentifier) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        // What is meant for another process, as that of a shell around this one, is no matter of ours.
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        watchdog = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap {
            isMeant && $0 > 0 ? .milliseconds($0 / 1000) : nil
        }
    }

    /// Says something, such as `READY=1`. Nobody has to hear it: a service without systemd is none the worse.
    func send(_ text: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socketPath.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // Of a name that is in no file system the first byte is zero.
        if path.first == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let bytes = Array(text.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, length)
            }
        }
    }
}
