#if DEBUG
@testable import DeviceDrivers
@testable import RolloutEngine

extension FuzzTarget {
    /// What a NETCONF server says: its hello, and a message after it. Then the same bytes as one document.
    static func readNETCONF(_ bytes: [UInt8]) throws(BrokenPromise) {
        for framing in [NETCONFFraming.endOfMessage, .chunked] {
            let whole = messages(bytes, framing, by: max(1, bytes.count))
            try promise(whole == messages(bytes, framing, by: 1), "bytes that come one by one are another message")
            for message in whole.messages {
                try promise(message.count <= 4096, "a message is larger than the limit")
                try readDocument(message)
            }
        }
        try readDocument(bytes)
    }

    private struct Outcome: Equatable {
        var messages: [[UInt8]] = []
        var isBroken = false
    }

    private static func messages(_ bytes: [UInt8], _ framing: NETCONFFraming, by size: Int) -> Outcome {
        var reader = NETCONFFrameReader(limit: 4096)
        reader.framing = framing
        var outcome = Outcome()
        do throws(NETCONFGarbled) {
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.feed(Array(bytes[start..<min(start + size, bytes.count)]))
                while let message = try reader.next() { outcome.messages.append(message) }
            }
        } catch { outcome.isBroken = true }
        return outcome
    }

    private static func readDocument(_ bytes: [UInt8]) throws(BrokenPromise) {
        let document: Markup
        do throws(NETCONFGarbled) {
            document = try MarkupReader.read(bytes)
        } catch {
            return try promise(!error.what.isEmpty, "refused without a reason")
        }
        try promise((try? MarkupReader.read(bytes)) == document, "read twice, it says two things")
        let lines = document.canonicalLines(keys: ["name"])
        try promise(lines.allSatisfy { !$0.utf8.contains(10) }, "a line holds a line feed")
        let again = try? MarkupReader.read(Array(lines.joined(separator: "\n").utf8))
        try promise(
            isSame(again?.canonicalLines(keys: ["name"]) ?? [], lines), "lines are read again as others: \(lines)")
        try promise(!document.xml.contains("]]>"), "what is written could end a message")
        try promise(
            (try? MarkupReader.read(Array(document.xml.utf8))) == document, "what is written is read as another")
        _ = try? NETCONFCapabilities(hello: document)
        if let reply = try? NETCONFReply(document) {
            try promise((reply.trouble == nil) == reply.errors.isEmpty, "an error without words")
        }
    }
}
#endif
