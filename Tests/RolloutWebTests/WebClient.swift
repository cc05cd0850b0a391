import Foundation
import Glibc

/// A client that says exactly what a test tells it to, byte by byte if need be.
struct WebClient: Sendable {
    let port: UInt16

    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: Data
        var text: String { String(decoding: body, as: UTF8.self) }
        func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
        /// The cookie that was set, as it is sent back.
        var cookie: String? { header("set-cookie")?.split(separator: ";").first.map(String.init) }
    }

    /// Asks, and waits for the whole answer.
    func ask(
        _ path: String, _ method: String = "GET", token: String? = nil, cookie: String? = nil,
        headers: [String] = [], body: String? = nil, type: String = "application/x-www-form-urlencoded"
    ) async throws -> Answer {
        var lines = ["\(method) \(path) HTTP/1.1", "Connection: close"] + headers
        if !headers.contains(where: { $0.hasPrefix("Host:") }) { lines.append("Host: 127.0.0.1:\(port)") }
        if let token { lines.append("Authorization: Bearer \(token)") }
        if let cookie { lines.append("Cookie: \(cookie)") }
        if let body { lines += ["Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] }
        let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
        return try await exchange(Array(request.utf8))
    }

    /// Sends bytes as they are, and reads to the end.
    func exchange(_ bytes: [UInt8]) async throws -> Answer {
        let wire = try Wire(port: port)
        try await wire.send(bytes)
        return try Self.parse(try await wire.readToEnd())
    }

    static func parse(_ data: [UInt8]) throws -> Answer {
        guard let end = data.firstRange(of: Array("\r\n\r\n".utf8)) else { throw CocoaError(.fileReadCorruptFile) }
        let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return Answer(status: status, headers: headers, body: Data(data[end.upperBound...]))
    }

    /// A connection.
    final class Wire: Sendable {
        private let descriptor: Int32

        /// - Parameter room: How much the system takes for a client that does not read, in bytes; nil for what is usual.
        init(port: UInt16, room: Int32? = nil) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            if var room {
                setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
            }
            var patience = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(
                descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            guard result == 0 else { throw CocoaError(.fileReadNoSuchFile) }
        }

        deinit { close(descriptor) }

        /// How many bytes were taken before the other end would hear no more.
        @discardableResult
        func send(_ bytes: [UInt8]) async throws -> Int {
            await Self.blocking { [descriptor] in
                var sent = 0
                while sent < bytes.count {
                    let count = bytes[sent...].withUnsafeBytes {
                        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    if count <= 0 { break }
                    sent += count
                }
                return sent
            }
        }

        /// What comes next; nothing at the end.
        func read() async -> [UInt8] {
            await Self.blocking { [descriptor] in
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                return Array(buffer.prefix(max(0, count)))
            }
        }

        func readToEnd() async throws -> [UInt8] {
            var all: [UInt8] = []
            while true {
                let some = await read()
                if some.isEmpty { return all }
                all += some
            }
        }

        /// Reads until a text has come.
        func read(until text: String) async -> String {
            var all = ""
            while !all.contains(text) {
                let some = await read()
                if some.isEmpty { break }
                all += String(decoding: some, as: UTF8.self)
            }
            return all
        }

        private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: body()) }
            }
        }
    }
}
