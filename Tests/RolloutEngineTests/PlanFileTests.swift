import Foundation
import RolloutEngine
import Testing

@Suite("Plan file")
struct PlanFileTests {
    private func file() throws -> PlanFile { try PlanFile(Planner.plan(Samples.input(Samples.fleet()))) }

    @Test("a plan reads back as it was written")
    func roundTrip() throws {
        let written = try file()
        let read = try PlanFile(written.bytes, from: "tonight.plan")
        #expect(read.plan == written.plan)
        #expect(read.digest == written.digest)
    }

    @Test("a plan that was changed by one byte is refused", arguments: 0..<40)
    func tampered(number: Int) throws {
        var bytes = try file().bytes
        let body = try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 1
        let at = body + (bytes.count - body - 2) * number / 40
        bytes[at] ^= 1
        let error = try #require(throws: InputError.self) { try PlanFile(bytes, from: "tonight.plan") }
        #expect(error.description.contains("tonight.plan:1"))
    }

    @Test("a plan of a newer version, a cut plan and no plan at all are refused with what to do")
    func unreadable() throws {
        let bytes = try file().bytes
        let newer = Data(
            String(decoding: bytes, as: UTF8.self).replacing("rollout-plan 1", with: "rollout-plan 99").utf8)
        for bad in [
            newer, bytes.prefix(bytes.count / 2), Data(), Data("hello\n".utf8), Data(repeating: 0xFF, count: 1000),
        ] {
            let error = try #require(throws: InputError.self) { try PlanFile(bad, from: "x") }
            #expect(error.complaints.first?.remedy != nil)
        }
    }
}
