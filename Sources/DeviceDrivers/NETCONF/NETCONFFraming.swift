/// How messages are told apart on the wire (RFC 6242, section 4).
package enum NETCONFFraming: Sendable {
    /// Each message ends with `]]>]]>`: the hello always, and everything with a peer that only speaks 1.0.
    case endOfMessage
    /// Messages come in chunks that say their length: everything after the hello with a peer that speaks 1.1.
    case chunked

    static let delimiter = Array("]]>]]>".utf8)

    /// A message as it goes out.
    ///
    /// - Throws: `NETCONFGarbled` when a message holds what would end it.
    package func framed(_ message: [UInt8]) throws(NETCONFGarbled) -> [UInt8] {
        switch self {
        case .endOfMessage:
            guard !contains(message, Self.delimiter) else {
                throw NETCONFGarbled("a message of ours holds ']]>]]>', which NETCONF 1.0 cannot carry")
            }
            return message + Self.delimiter
        case .chunked:
            return Array("\n#\(message.count)\n".utf8) + message + Array("\n##\n".utf8)
        }
    }

    private func contains(_ message: [UInt8], _ mark: [UInt8]) -> Bool {
        guard message.count >= mark.count else { return false }
        return (0...message.count - mark.count).contains { message[$0] == mark[0] && message[$0...].starts(with: mark) }
    }
}

/// What a peer said cannot be understood, or is more than is reasonable. The session is of no use any more.
package struct NETCONFGarbled: Error, Hashable, Sendable {
    /// What is wrong with it.
    package let what: String
    /// Whether there is just too much of it.
    package let isTooLarge: Bool

    package init(_ what: String, isTooLarge: Bool = false) {
        self.what = what
        self.isTooLarge = isTooLarge
    }
}

/// Cuts what comes from a peer into messages, in time linear in the bytes however they are split. Pure.
package struct NETCONFFrameReader: Sendable {
    /// How the next message is framed. It changes right after the hello, whatever was received with it.
    package var framing = NETCONFFraming.endOfMessage
    /// The largest message, in bytes.
    package let limit: Int

    private var input: [UInt8] = []
    private var at = 0
    private var message: [UInt8] = []
    /// How much of the delimiter the end of the message matches.
    private var matched = 0
    private var chunk = Chunk.start

    /// Where in a chunked message the next byte stands.
    private enum Chunk {
        case start
        case hash
        case firstDigit
        case size(Int, digits: Int)
        case data(Int)
        case end
    }

    /// For every length of a matched beginning of the delimiter, the next shorter one that it ends with.
    private static let fallback = [0, 1, 0, 1, 2, 3]
    /// RFC 6242: a chunk's size is at most 4294967295.
    private static let largestChunk = 4_294_967_295

    package init(limit: Int) { self.limit = limit }

    /// Takes in bytes.
    package mutating func feed(_ bytes: [UInt8]) {
        if at == input.count {
            input = bytes
        } else {
            input = Array(input[at...]) + bytes
        }
        at = 0
    }

    /// The next message that is whole; nil when more bytes are needed.
    ///
    /// - Throws: `NETCONFGarbled` for broken framing and for messages beyond the limit.
    package mutating func next() throws(NETCONFGarbled) -> [UInt8]? {
        switch framing {
        case .endOfMessage: try nextDelimited()
        case .chunked: try nextChunked()
        }
    }

    private mutating func nextDelimited() throws(NETCONFGarbled) -> [UInt8]? {
        let delimiter = NETCONFFraming.delimiter
        while at < input.count {
            let byte = input[at]
            at += 1
            message.append(byte)
            while matched > 0, byte != delimiter[matched] { matched = Self.fallback[matched - 1] }
            if byte == delimiter[matched] { matched += 1 }
            if matched == delimiter.count {
                matched = 0
                message.removeLast(delimiter.count)
                return take()
            }
            guard message.count < limit + delimiter.count else { throw tooLarge() }
        }
        return nil
    }

    private mutating func nextChunked() throws(NETCONFGarbled) -> [UInt8]? {
        while at < input.count {
            if case .data(let left) = chunk {
                let size = min(left, input.count - at)
                message.append(contentsOf: input[at..<at + size])
                at += size
                chunk = size == left ? .start : .data(left - size)
                continue
            }
            let byte = input[at]
            at += 1
            switch chunk {
            case .start:
                try expect(byte, UInt8(ascii: "\n"), "a line feed before a chunk")
                chunk = .hash
            case .hash:
                try expect(byte, UInt8(ascii: "#"), "'#' before a chunk's size")
                chunk = .firstDigit
            case .firstDigit where byte == UInt8(ascii: "#"):
                guard !message.isEmpty else { throw NETCONFGarbled("a message ends before its first chunk") }
                chunk = .end
            case .firstDigit:
                guard let digit = Self.digit(byte), digit > 0 else { throw badSize(byte) }
                chunk = .size(digit, digits: 1)
            case .size(let size, _) where byte == UInt8(ascii: "\n"):
                guard size <= limit - message.count else { throw tooLarge() }
                chunk = .data(size)
            case .size(let size, let digits):
                guard let digit = Self.digit(byte), digits < 10, size * 10 + digit <= Self.largestChunk else {
                    throw badSize(byte)
                }
                chunk = .size(size * 10 + digit, digits: digits + 1)
            case .end:
                try expect(byte, UInt8(ascii: "\n"), "a line feed after the last chunk")
                chunk = .start
                return take()
            case .data: break
            }
        }
        return nil
    }

    private mutating func take() -> [UInt8] {
        defer { message = [] }
        return message
    }

    private func expect(_ byte: UInt8, _ expected: UInt8, _ what: String) throws(NETCONFGarbled) {
        guard byte == expected else { throw NETCONFGarbled("expected \(what), found byte \(byte)") }
    }

    private func badSize(_ byte: UInt8) -> NETCONFGarbled {
        NETCONFGarbled("the size of a chunk is no number from 1 to \(Self.largestChunk): byte \(byte)")
    }

    private func tooLarge() -> NETCONFGarbled {
        NETCONFGarbled("a message is larger than \(limit) bytes", isTooLarge: true)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }
}
