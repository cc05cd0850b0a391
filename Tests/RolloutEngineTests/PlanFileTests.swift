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

    @Test("a plan of a large fleet reads back in its order, and so does one in the format of the first version")
    func formats() throws {
        var plan = try file().plan
        let some = plan.devices
        plan.devices = (0..<1700).map { number in
            var planned = some[number % some.count]
            planned.device.name = DeviceName(rawValue: "srv-\(number)")
            return planned
        }
        for format in 1...Plan.currentFormat {
            plan.format = format
            let written = try PlanFile(plan)
            #expect(String(decoding: written.bytes.prefix(16), as: UTF8.self) == "rollout-plan \(format) s")
            #expect(written.bytes.count { $0 == UInt8(ascii: "\n") } == [2, 1702, 1703][format - 1])
            #expect(try PlanFile(written.bytes, from: "tonight.plan").plan == plan)
        }
    }

    @Test("a device's line that cannot be read is refused, wherever it stands")
    func badLine() throws {
        let lines = String(decoding: try file().bytes, as: UTF8.self).split(separator: "\n").dropFirst()
        for number in [2, lines.count - 1] {
            var bad = Array(lines)
            bad[number] = bad[number].replacing("\"device\"", with: "\"devise\"")[...]
            let body = bad.joined(separator: "\n")
            let text = "rollout-plan 3 sha256:\(Digest(of: body).hexadecimal)\n\(body)\n"
            let error = try #require(throws: InputError.self) { try PlanFile(Data(text.utf8), from: "tonight.plan") }
            #expect(error.description.contains("cannot be read"))
        }
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
            String(decoding: bytes, as: UTF8.self).replacing("rollout-plan 3", with: "rollout-plan 99").utf8)
        for bad in [
            newer, bytes.prefix(bytes.count / 2), Data(), Data("hello\n".utf8), Data(repeating: 0xFF, count: 1000),
        ] {
            let error = try #require(throws: InputError.self) { try PlanFile(bad, from: "x") }
            #expect(error.complaints.first?.remedy != nil)
        }
    }
}
