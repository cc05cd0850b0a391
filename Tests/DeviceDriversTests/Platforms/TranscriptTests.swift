import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Transcripts")
struct TranscriptTests {
    private static func definition(_ platform: PlatformName) throws -> PlatformDefinition {
        try #require(try PlatformLibrary().definition(named: platform))
    }

    @Test("there is one for each platform that ships")
    func complete() throws {
        let shipped = try PlatformLibrary().definitions.compactMap(\.names.first)
        #expect(Set(shipped) == Set(Transcripts.all.map(\.platform)))
    }

    @Test(
        "played a byte at a time, with carriage returns and without: every command, who it is, what it holds, its mistakes",
        arguments: Transcripts.all.indices, ["\n", "\r\n", "\r\r\n"])
    func replayed(_ index: Int, _ lineEnd: String) throws {
        let session = Transcripts.all[index]
        let definition = try Self.definition(session.platform)
        let read = Transcript(Array(session.text.replacing("\n", with: lineEnd).utf8), by: definition)
        #expect(read.mistake == nil)
        let found = read.findings(by: definition)
        for finding in found where finding.isAsked || session.found[finding.what] != nil {
            #expect(finding.value == session.found[finding.what], "\(session.platform): \(finding.what)")
        }
        #expect(Set(found.map(\.what)).isSuperset(of: session.found.keys))
        // That there is no timer is a complaint on some.
        let timer = definition.revertTimer?.query.commands ?? []
        let complaining = read.exchanges.filter { $0.answer.complaint != nil }.map(\.command)
            .filter { !timer.contains($0) }
        #expect(complaining == [session.mistake].compactMap(\.self))
        // As many as were typed: none was taken for output, and no output for one.
        let all = read.exchanges.map(\.command) + [read.ending?.command].compactMap(\.self)
        #expect(all.count == session.typed, "\(session.platform): \(all)")
    }

    @Test("a definition of another platform, and output that is cut, are told by line")
    func mistakes() throws {
        let eos = try #require(Transcripts.all.first { $0.platform == "arista_eos" })
        let read = Transcript(Array(eos.text.utf8), by: try Self.definition("huawei_vrp"))
        #expect(read.login == nil && read.mistake?.message.hasPrefix("no prompt was seen") == true)
        let asking = "r1#reload\nProceed with reload? [confirm]\nr1#"
        let asked = Transcript(Array(asking.utf8), by: try Self.definition("cisco_iosxe"))
        #expect(asked.mistake?.line == 2 && asked.mistake?.message.contains("'Proceed with reload? [confirm]'") == true)
        let known = "[edit]\nadmin@gw-1# commit-confirm 5\nProceed ? [Y/n] y\n\n[edit]\nadmin@gw-1# \n"
        let answered = Transcript(Array(known.utf8), by: try Self.definition("vyos"))
        #expect(answered.mistake == nil && answered.exchanges.map(\.command) == ["commit-confirm 5"])
        let cut = Transcript(Array("r1#show version\nCisco IOS".utf8), by: try Self.definition("cisco_iosxe"))
        #expect(cut.exchanges.isEmpty && cut.ending?.command == "show version" && cut.mistake == nil)
        let nothing = Transcript([], by: try Self.definition("cisco_iosxe"))
        #expect(nothing.mistake?.line == 1)
    }

    @Test(
        "whatever it holds, it is read to its end or to where it is not understood",
        arguments: 1...20 as ClosedRange<UInt64>)
    func anything(_ seed: UInt64) throws {
        var numbers = SeededRandom(seed: seed)
        let pieces = [
            "\n", "\r\n", " ", "leaf-1#", "leaf-1>", "admin@mx1> ", "[edit]\n", "Password: ", "--More--", "[confirm]",
            "? ",
            "\u{1b}[999C", "\u{8}", "show version", "% Invalid", "\u{0}", "ö", "(config)#", "A:a@b# ", "{{ x }}",
        ]
        for platform in Transcripts.all.map(\.platform) {
            let definition = try Self.definition(platform)
            for _ in 0..<5 {
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 0...60, using: &numbers) {
                    bytes += Array((pieces.randomElement(using: &numbers) ?? "").utf8)
                    if Int.random(in: 0...9, using: &numbers) == 0 {
                        bytes.append(UInt8.random(in: 0...255, using: &numbers))
                    }
                }
                let read = Transcript(bytes, by: definition)
                _ = read.findings(by: definition)
                #expect(read.login != nil || read.mistake != nil)
                #expect(read.exchanges.allSatisfy { !$0.command.isEmpty })
            }
        }
    }

    @Test("what was rubbed out while it was typed was not typed")
    func corrected() throws {
        let text = "r1#show vex\u{8} \u{8}rsion\nCisco\nr1#"
        let read = Transcript(Array(text.utf8), by: try Self.definition("cisco_iosxe"))
        #expect(read.mistake == nil && read.exchanges.map(\.command) == ["show version"])
    }
}
