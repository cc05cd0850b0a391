import Foundation
import RolloutEngine
import Testing

@Suite("Differences of configurations")
struct ConfigDiffTests {
    private func config(_ lines: [String]) -> DeviceConfig {
        DeviceConfig(sections: [.init(name: "file /a", lines: lines)])
    }

    @Test("what changes is shown with three lines around it")
    func context() throws {
        let before = (1...20).map { "line \($0)" }
        var after = before
        after[9] = "changed"
        let difference = ConfigDiff(from: config(before), to: config(after))
        let lines = try #require(difference.sections.first?.lines)
        #expect(lines.map(\.text) == Array(before[6...9]) + ["changed"] + before[10...12])
        #expect(difference.added == 1 && difference.removed == 1)
    }

    @Test("two writings of one letter are two configurations, as they are to a device")
    func accents() {
        let (one, other) = (config(["caf\u{e9}"]), config(["cafe\u{301}"]))
        #expect(!one.isEquivalent(to: other) && one.isEquivalent(to: one))
        #expect(one.digest != other.digest)
        #expect(ConfigDiff(from: one, to: other).added == 1)
    }

    @Test("a file that a device blew up is compared in no time", .timeLimit(.minutes(10)))
    func large() {
        let before = ["mode 0644"] + (0..<300_000).map { "a\($0)" } + ["end"]
        let after = ["mode 0644"] + (0..<300_000).map { "b\($0)" } + ["end"]
        let began = ContinuousClock.now
        let difference = ConfigDiff(from: config(before), to: config(after))
        #expect(difference.added == 300_000 && difference.removed == 300_000)
        // The search for the fewest lines took hours and all memory.
        #expect(ContinuousClock.now - began < .seconds(60))
    }
}
