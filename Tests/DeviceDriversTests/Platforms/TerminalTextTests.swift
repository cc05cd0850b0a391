import DeviceDrivers
import Testing

@Suite("Text of a terminal")
struct TerminalTextTests {
    private static let cases: [(bytes: String, lines: [String], last: String)] = [
        ("one\r\ntwo\r\n", ["one", "two"], ""),
        ("one\r\r\ntwo", ["one"], "two"),
        ("r1#sho\u{8} \u{8}\u{8}how ver", [], "r1#show ver"),
        ("--More--\r        \rnext line\r\n", ["next line"], ""),
        (
            "--More--\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}        \u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}x\r\n",
            ["x"], ""
        ),
        ("\u{1b}[32mgreen\u{1b}[0m \u{1b}[1;31mred\u{1b}[m\r\n", ["green red"], ""),
        ("\u{1b}]0;title\u{7}r1#\u{1b}]2;other\u{1b}\\ ", [], "r1# "),
        ("abc\u{1b}[2D\u{1b}[Kx\r\n", ["ax"], ""),
        ("abc\r\u{1b}[2Kxyz\r\n", ["xyz"], ""),
        ("a\u{1b}[5Cb\r\n", ["a     b"], ""),
        ("abcdef\u{1b}[3G\u{1b}[2PX\r\n", ["abXf"], ""),
        ("\u{1b}(Bplain\u{1b}=\u{1b}>\u{0}\u{7}\r\n", ["plain"], ""),
        ("description Zürich – 日本\r\n", ["description Zürich – 日本"], ""),
        ("a\tb\r\n", ["a\tb"], ""),
        ("\u{1b}[?2004hr1>\u{1b}[999999999999C\u{1b}[6n", [], "r1>"),
        ("spaces   \r\n", ["spaces"], ""),
        // A device that believes in 40 columns wraps what is typed with a space and a carriage return.
        (
            "edge-1#0123456789012345678901234567890123 \r456789\r\n",
            ["edge-1#0123456789012345678901234567890123456789"], ""
        ),
        ("edge-1> \redge-1> show\r\n", ["edge-1> show"], ""),
        ("x\u{85}\u{9b}31my\r\n", ["x31my"], ""),
    ]

    @Test("shows what a person would see", arguments: cases.indices)
    func samples(_ index: Int) {
        let sample = Self.cases[index]
        var text = TerminalText()
        text.feed(Array(sample.bytes.utf8))
        #expect(text.lines == sample.lines)
        #expect(text.lastLine == sample.last)
    }

    @Test("does not depend on how bytes are cut", arguments: cases.indices)
    func pieces(_ index: Int) {
        let bytes = Array(Self.cases[index].bytes.utf8)
        for size in 1...7 {
            var text = TerminalText()
            for start in stride(from: 0, to: bytes.count, by: size) {
                text.feed(bytes[start..<min(bytes.count, start + size)])
            }
            #expect(text.lines == Self.cases[index].lines)
            #expect(text.lastLine == Self.cases[index].last)
        }
    }

    @Test("nor do whole lines that are taken at once", arguments: 0..<200 as Range<UInt64>)
    func wholeLines(_ seed: UInt64) {
        let parts = [
            "\r\n", "\n", "\r", "\r\n", "interface Ethernet1", " ", "\t", "é", "\u{8}", "\u{1b}[K", "\u{1b}[2K",
            "\u{1b}[3C",
            "\u{0}", String(repeating: "x", count: 45),
        ]
        var random = SmallRandom(seed)
        let bytes = (0..<40).flatMap { _ in Array(parts[random.below(parts.count)].utf8.dropLast(random.below(9) / 8)) }
        var slow = TerminalText()
        for byte in bytes { slow.feed(CollectionOfOne(byte)) }
        var fast = TerminalText()
        fast.feed(bytes)
        #expect(fast.lines == slow.lines)
        #expect(fast.lastLine == slow.lastLine)
        #expect(fast.count == slow.count)
    }

    @Test("bytes that are not UTF-8 become one sign each and hurt nothing behind them")
    func broken() {
        var text = TerminalText()
        text.feed([0x61, 0xff, 0xc3, 0x62, 0xe2, 0x82, 0x0a, 0xed, 0xa0, 0x80, 0xc3, 0xa9, 0x0a])
        #expect(text.lines == ["a\u{fffd}\u{fffd}b\u{fffd}", "\u{fffd}é"])
    }

    @Test("no sequence makes it allocate what was not printed")
    func moves() {
        var text = TerminalText()
        for _ in 0..<1000 { text.feed(Array("\u{1b}[99999999C".utf8)) }
        #expect(text.lastLine.isEmpty)
        text.feed(Array("\u{1b}[".utf8) + Array(repeating: 0x31, count: 100_000) + Array("Dx\n".utf8))
        #expect(text.lines.count == 1)
        var far = TerminalText()
        for _ in 0..<100 { far.feed(Array("\u{1b}[99999999Cx\u{1b}[99999999Gy\n".utf8)) }
        let size = far.lines.reduce(0) { $0 + $1.utf8.count }
        #expect(size < 1_000_000 && far.count >= size)
    }

    @Test("only a short last line is looked at")
    func longLine() {
        var text = TerminalText()
        text.feed(Array(repeating: 0x61, count: 100_000))
        #expect(text.lastLine(upTo: 512) == nil)
        text.feed([0x0a, 0x62])
        #expect(text.lastLine(upTo: 512) == "b")
    }
}
