import Foundation
import FoundationXML
import RolloutEngine
import Testing

@testable import RolloutWeb
@testable import rollout

@Suite("Pictures of verdicts")
struct VerdictPictureTests {
    /// gra-1 falls from 80 to 8 Mbit/s when it is changed, gra-2 stays at 80; a reading every 10 s.
    private static func samples(from start: Instant, polls: Int, changedAt: Int) -> [CounterSample] {
        ["gra-1", "gra-2"].flatMap { name -> [CounterSample] in
            var octets: UInt64 = 0
            return (0..<polls).map { poll in
                octets += name == "gra-1" && poll > changedAt ? 10_000_000 : 100_000_000
                return CounterSample(
                    subject: .device(DeviceName(rawValue: name)), at: start + .seconds(Int64(poll) * 10),
                    uptime: UInt32(poll) * 1000 + 5,
                    interfaces: [
                        InterfaceReading(
                            name: "eth0", index: 2, inOctets: .bits64(octets), outOctets: .bits64(0), operStatus: 1)
                    ])
            }
        }
    }

    private func failed(_ subject: String = "gra-1", reason: String = "traffic fell") throws -> VerdictPicture {
        var fixture = try ScreenFixture()
        fixture.add(.driving(holder: "alice@noc pid 4711"))
        fixture.add(.waveStarted(wave: 0))
        let start = fixture.now
        let verdict = Verdict(
            gate: "traffic", outcome: .fail, reason: reason,
            findings: [
                .init(subject: subject, failed: true, before: 8e7, after: 8e6, limit: 5.6e7, unit: "bit/s"),
                .init(subject: "gra-2", isControl: true, before: 8e7, after: 8e7, unit: "bit/s"),
            ],
            before: .init(from: start, to: start + .seconds(100)),
            after: .init(from: start + .seconds(120), to: start + .seconds(200)))
        fixture.add(.judged(wave: 0, verdict))
        var plan = fixture.plan
        plan.policy.gates[0].condition = .traffic(maximumDrop: .percent(30), minimumRate: BitsPerSecond(1000))
        return try #require(
            VerdictPicture.pictures(
                of: fixture.status(), fixture.entries, plan, Self.samples(from: start, polls: 21, changedAt: 11)
            ).first)
    }

    @Test("the failing device and the untouched ones are drawn from the readings themselves")
    func curves() throws {
        let picture = try failed()
        #expect(picture.title == "Gate traffic after wave 0: FAILED")
        #expect(picture.subjects.map(\.name) == ["gra-1"] && picture.controlCount == 1)
        let values = picture.subjects[0].points.map { ($0.value / 1e6).rounded() }
        #expect(values == Array(repeating: 80, count: 11) + Array(repeating: 8, count: 9))
        #expect(Set(try #require(picture.control).points.map { ($0.value / 1e6).rounded() }) == [80])
    }

    @Test("whatever a device or gate is called, the picture is XML in which nothing of it is markup")
    func hostile() throws {
        let name = "<img onerror=\"x\">&\u{1b}[2J\u{202e}\u{0}"
        let text = VerdictSVG(heading: name, pictures: [try failed(name, reason: "]]> \(name) <script>")]).text
        #expect(!text.contains("<img") && !text.contains("<script") && !text.contains("\u{1b}"))
        #expect(XMLParser(data: Data(text.utf8)).parse())
    }

    @Test("a picture becomes a PNG file", .enabled(if: Self.hasConverter, "rsvg-convert is not installed"))
    func png() throws {
        let path = NSTemporaryDirectory() + "rollout-\(UUID().uuidString).png"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try PictureFile.write(png: VerdictSVG(heading: "night", pictures: [try failed()]).text, to: path)
        let bytes = try #require(FileManager.default.contents(atPath: path))
        #expect(bytes.prefix(8) == Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) && bytes.count > 1000)
        #expect(throws: CommandFailure.self) { try PictureFile.write(png: "<svg", to: path) }
    }

    private static let hasConverter = FileManager.default.isExecutableFile(atPath: "/usr/bin/rsvg-convert")

    @Test("nothing judged is nothing drawn")
    func empty() throws {
        let fixture = try ScreenFixture()
        #expect(VerdictPicture.pictures(of: fixture.status(), fixture.entries, fixture.plan, []).isEmpty)
    }
}
