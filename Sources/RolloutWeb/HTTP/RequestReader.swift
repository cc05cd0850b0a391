/// Reads HTTP/1.1 requests (RFC 9112) from bytes as they come, within limits, and refuses whatever could be read in two ways.
///
/// A request has a body only with Content-Length: one that is sent in chunks is refused, as nobody who talks to this server
/// needs it. After a refusal the connection is of no use any more. Pure.
struct RequestReader: Sendable {
    /// What can be said of the bytes so far.
    enum Progress: Sendable {
        /// More are needed.
        case incomplete
        /// The client waits for a word before it sends its body.
        case awaitsContinue
        /// A whole request.
        case request(WebRequest)
        /// Nothing good can come of it: answer this, and close.
        case refused(HTTPStatus, String)
    }

    private let limits: RequestLimits
    private let peer: String
    private var buffer: [UInt8] = []
    private var searched = 0
    private var head: Head?

    private struct Head {
        var request: WebRequest
        var length: Int
        var awaitsContinue: Bool
    }

    init(limits: RequestLimits, peer: String) {
        self.limits = limits
        self.peer = peer
    }

    /// Whether a request has begun to arrive.
    var hasBegun: Bool { head != nil || !buffer.isEmpty }

    /// Takes in more bytes.
    mutating func take(_ bytes: some Collection<UInt8>) { buffer.append(contentsOf: bytes) }

    /// What can be said now. A request that was given is forgotten; the next one may be there already.
    mutating func next() -> Progress {
        if head == nil {
            // An empty line before a request is passed over (RFC 9112, 2.2).
            while buffer.starts(with: [0x0d, 0x0a]) {
                buffer.removeFirst(2)
                searched = 0
            }
            guard let end = endOfHead() else {
                if buffer.count > limits.head { return .refused(.headersTooLarge, tooLong) }
                if buffer.count > limits.line, !buffer.prefix(limits.line).contains(0x0d) {
                    return .refused(.addressTooLong, "the request line has more than \(limits.line) bytes")
                }
                return .incomplete
            }
            guard end <= limits.head else { return .refused(.headersTooLarge, tooLong) }
            switch parse(buffer[..<(end - 2)]) {
            case .success(let parsed): head = parsed
            case .failure(let refusal): return .refused(refusal.status, refusal.reason)
            }
            buffer.removeFirst(end + 2)
            searched = 0
        }
        guard var known = head else { return .incomplete }
        guard buffer.count >= known.length else {
            guard known.awaitsContinue else { return .incomplete }
            known.awaitsContinue = false
            head = known
            return .awaitsContinue
        }
        head = nil
        known.request.body = Array(buffer.prefix(known.length))
        buffer.removeFirst(known.length)
        return .request(known.request)
    }

    private var tooLong: String { "the request line and headers have more than \(limits.head) bytes" }

    /// Where the empty line after the headers begins.
    private mutating func endOfHead() -> Int? {
        var place = max(0, searched)
        while place + 3 < buffer.count {
            if buffer[place] == 0x0d, buffer[place + 1] == 0x0a, buffer[place + 2] == 0x0d, buffer[place + 3] == 0x0a {
                return place + 2
            }
            place += 1
        }
        searched = max(0, buffer.count - 3)
        return nil
    }

    private struct Refusal: Error {
        var status: HTTPStatus
        var reason: String
        init(_ status: HTTPStatus, _ reason: String) {
            self.status = status
            self.reason = reason
        }
    }

    /// - Parameter bytes: The lines of the head without the line end of the last.
    private func parse(_ bytes: ArraySlice<UInt8>) -> Result<Head, Refusal> {
        do throws(Refusal) { return .success(try read(bytes)) } catch { return .failure(error) }
    }

    private func read(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> Head {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        for place in bytes.indices where bytes[place] == 0x0a || place == bytes.endIndex - 1 {
            let end = bytes[place] == 0x0a ? place - 1 : bytes.endIndex
            guard bytes[place] != 0x0a || place > start && bytes[end] == 0x0d else {
                throw Refusal(.badRequest, "a line does not end with CR LF")
            }
            lines.append(bytes[start..<end])
            start = place + 1
        }
        for line in lines where line.contains(where: { $0 == 0x0d || $0 == 0 }) {
            throw Refusal(.badRequest, "a line holds a control character")
        }
        guard let first = lines.first else { throw Refusal(.badRequest, "there is no request line") }
        guard first.count <= limits.line else {
            throw Refusal(.addressTooLong, "the request line has more than \(limits.line) bytes")
        }
        guard lines.count - 1 <= limits.headers else {
            throw Refusal(.headersTooLarge, "there are more than \(limits.headers) headers")
        }
        var (request, isOld) = try requestLine(first)
        for line in lines.dropFirst() { request.headers.append(try header(line)) }
        let length = try self.length(of: request)
        guard isOld || request.headers.count(where: { $0.name == "host" }) == 1 else {
            throw Refusal(.badRequest, "HTTP/1.1 wants exactly one Host")
        }
        let connection = request.header("connection")?.lowercased() ?? ""
        request.keepsAlive = !isOld && !connection.contains("close")
        let expects = request.header("expect")?.lowercased() == "100-continue"
        return Head(request: request, length: length, awaitsContinue: expects && length > 0)
    }

    private func requestLine(_ line: ArraySlice<UInt8>) throws(Refusal) -> (WebRequest, isOld: Bool) {
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(Self.isToken) else {
            throw Refusal(.badRequest, "the request line is not METHOD, address and version")
        }
        let version = String(decoding: words[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw Refusal(.versionNotSupported, "only HTTP/1.1 and 1.0 are spoken here")
        }
        guard words[1].first == UInt8(ascii: "/"), words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw Refusal(.badRequest, "the address does not begin with a slash, or holds what has to be escaped")
        }
        let parts = words[1].split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for part in parts[0].split(separator: UInt8(ascii: "/")) {
            guard let text = PercentCoding.decoded(part) else {
                throw Refusal(.badRequest, "the address is not spelt right")
            }
            path.append(text)
        }
        guard let query = parts.count > 1 ? PercentCoding.pairs(parts[1]) : [] else {
            throw Refusal(.badRequest, "what stands behind the question mark is not spelt right")
        }
        let request = WebRequest(
            method: String(decoding: words[0], as: UTF8.self), path: path, query: query, headers: [], body: [],
            peer: peer, keepsAlive: true)
        return (request, version == "HTTP/1.0")
    }

    private func header(_ line: ArraySlice<UInt8>) throws(Refusal) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(Self.isToken)
        else { throw Refusal(.badRequest, "a header is not NAME: value") }
        let value = line[(colon + 1)...]
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }),
            let text = String(validating: value, as: UTF8.self)
        else { throw Refusal(.badRequest, "a header's value holds what may not be in it") }
        return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), text.trimming)
    }

    private func length(of request: WebRequest) throws(Refusal) -> Int {
        guard request.header("transfer-encoding") == nil else {
            throw Refusal(.lengthRequired, "send the body whole, with Content-Length")
        }
        let lengths = request.headers.filter { $0.name == "content-length" }.map(\.value)
        guard lengths.count <= 1 else { throw Refusal(.badRequest, "there is more than one Content-Length") }
        guard let text = lengths.first else { return 0 }
        // A sign, a space or a list would be read differently by others.
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), !text.isEmpty else {
            throw Refusal(.badRequest, "Content-Length is not a number")
        }
        guard text.utf8.count <= 18, let length = Int(text), length <= limits.body else {
            throw Refusal(.tooLarge, "the body may have at most \(limits.body) bytes")
        }
        return length
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
