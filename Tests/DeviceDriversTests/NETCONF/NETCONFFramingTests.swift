import Testing

@testable import DeviceDrivers

@Suite("NETCONF: framing")
struct NETCONFFramingTests {
    /// Everything that comes out of these bytes, fed in pieces of a size.
    private func messages(_ text: String, _ framing: NETCONFFraming, by size: Int, limit: Int = 1000) throws -> [String]
    {
        var reader = NETCONFFrameReader(limit: limit)
        reader.framing = framing
        var found: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.feed(Array(bytes[start..<min(start + size, bytes.count)]))
            while let message = try reader.next() { found.append(String(decoding: message, as: UTF8.self)) }
        }
        return found
    }

    @Test("messages come out whole, however their bytes are split", arguments: [1, 2, 3, 5, 7, 1000])
    func splits(_ size: Int) throws {
        #expect(
            try messages("<a/>]]>]]><b>]]>]]</b>]]>]]>]]]>]]>]>]]>]]>rest", .endOfMessage, by: size) == [
                "<a/>", "<b>]]>]]</b>", "]", "]>",
            ])
        #expect(
            try messages("\n#4\n<a/>\n##\n\n#1\n<\n#3\nb/>\n##\n\n#5\n\n##\nx\n##\n\n#9\nhalf", .chunked, by: size) == [
                "<a/>", "<b/>", "\n##\nx",
            ])
    }

    @Test("the framing changes between two messages that came together")
    func changes() throws {
        var reader = NETCONFFrameReader(limit: 100)
        reader.feed(Array("<hello/>]]>]]>\n#4\n<a/>\n##\n".utf8))
        #expect(try reader.next() == Array("<hello/>".utf8))
        reader.framing = .chunked
        #expect(try reader.next() == Array("<a/>".utf8))
        #expect(try reader.next() == nil)
    }

    @Test(
        "a broken chunk ends the session",
        arguments: [
            "x", "#4\n", "\n4\n", "\n#0\n", "\n#04\n<a/>", "\n#-1\n", "\n#4x\n", "\n#\n", "\n##\n", "\n#4\n<a/>x",
            "\n#4\n<a/>\n##x", "\n#4294967296\n", "\n#99999999999\n", "\n# 4\n", "\r\n#4\n",
        ])
    func broken(_ text: String) {
        for size in [1, 1000] {
            let error = #expect(throws: NETCONFGarbled.self) { try messages(text, .chunked, by: size) }
            #expect(error?.isTooLarge == false)
        }
    }

    @Test("a message may be as large as the limit and no larger")
    func limits() throws {
        let full = String(repeating: "x", count: 20)
        for size in [1, 1000] {
            #expect(try messages(full + "]]>]]>", .endOfMessage, by: size, limit: 20) == [full])
            #expect(try messages("\n#20\n\(full)\n##\n", .chunked, by: size, limit: 20) == [full])
            for (text, framing) in [
                (full + "x]]>]]>", NETCONFFraming.endOfMessage), ("\n#21\n", .chunked),
                ("\n#20\n\(full)\n#1\n", .chunked),
                ("\n#4294967295\n", .chunked), (full + String(repeating: "]", count: 100), .endOfMessage),
            ] {
                let error = #expect(throws: NETCONFGarbled.self) { try messages(text, framing, by: size, limit: 20) }
                #expect(error?.isTooLarge == true)
            }
        }
    }

    @Test("what goes out comes in again; 1.0 cannot carry its own delimiter")
    func outgoing() throws {
        for framing in [NETCONFFraming.endOfMessage, .chunked] {
            let framed = try framing.framed(Array("<a>]]></a>".utf8))
            #expect(try messages(String(decoding: framed, as: UTF8.self), framing, by: 1) == ["<a>]]></a>"])
        }
        #expect(throws: NETCONFGarbled.self) { try NETCONFFraming.endOfMessage.framed(Array("<a>]]>]]></a>".utf8)) }
        _ = try NETCONFFraming.chunked.framed(Array("<a>]]>]]></a>".utf8))
    }
}
