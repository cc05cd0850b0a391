import Foundation
import Testing

@testable import RolloutEngine

@Suite("The chain of the service journal")
struct ServiceChainTests {
    private static let start = Instant(milliseconds: 1_700_000_000_000)

    private func entries() throws -> [ServiceEntry] {
        var chain = ServiceChain.start
        return try ["one", "two", "three", "four"].map { word in
            let entry = try chain.entry(
                .scheduleRemoved(ScheduleName(rawValue: word)), by: "ada", reason: word, at: Self.start)
            chain = ServiceChain(sequence: entry.sequence, digest: entry.chain)
            return entry
        }
    }

    /// Where it breaks first; nil when it does not.
    private func walk(_ entries: [ServiceEntry]) throws -> ChainBreak? {
        var chain = ServiceChain.start
        for entry in entries { if let found = try chain.take(entry) { return found } }
        return nil
    }

    @Test("as it was written, it holds")
    func whole() throws { #expect(try walk(try entries()) == nil) }

    @Test(
        "whatever is changed in an entry shows in that entry",
        arguments: [
            { $0.at = $0.at + .milliseconds(1) }, { $0.by = "eve" }, { $0.reason = nil }, { $0.reason = "" },
            { $0.fact = .scheduleRemoved("to") }, { $0.fact = .lineReleased },
            { $0.chain = Digest(of: "something else") },
        ] as [@Sendable (inout ServiceEntry) -> Void])
    func changed(_ change: @Sendable (inout ServiceEntry) -> Void) throws {
        for index in 0..<4 {
            var entries = try entries()
            change(&entries[index])
            #expect(try walk(entries) == .changed(Int64(index) + 1))
        }
    }

    @Test("an entry that is left out, doubled or put in another place shows")
    func moved() throws {
        let entries = try entries()
        for index in 0..<3 {
            var fewer = entries
            fewer.remove(at: index)
            #expect(try walk(fewer) == .missing(Int64(index) + 1))
            // Numbered anew, it is tied to another one than it was.
            for later in index..<3 { fewer[later].sequence -= 1 }
            #expect(try walk(fewer) == .changed(Int64(index) + 1))
            var swapped = entries
            swapped.swapAt(index, index + 1)
            #expect(try walk(swapped) == .missing(Int64(index) + 1))
        }
        #expect(try walk(entries + [entries[3]]) == .missing(5))
    }

    @Test("an entry that is made up without those before it does not fit")
    func madeUp() throws {
        var entries = try entries()
        let made = try ServiceChain(sequence: 2, digest: ServiceChain.start.digest)
            .entry(.lineReleased, by: "ada", reason: nil, at: Self.start)
        entries[2] = made
        #expect(try walk(entries) == .changed(3))
    }

    @Test("digests stay what they were: a journal that was written by an earlier version still holds")
    func stable() throws {
        let schedule = Schedule(
            name: "nightly",
            work: .anew(
                PlanInputs(change: "/c.yaml", inventory: "/i", limit: nil),
                approved: BlastRadius(devices: 4, datacentres: ["gra"], ranges: ["eco"])),
            timing: .cron(try CronExpression("30 22 * * *"), zone: "Europe/Paris"))
        let entry = try ServiceChain.start.entry(.scheduleSet(schedule), by: "ada", reason: nil, at: Self.start)
        let json =
            #"{"at":"2023-11-14T22:13:20.000Z","by":"ada","fact":{"scheduleSet":{"schedule":{"lateness":"1h","#
            + #""name":"nightly","timing":{"cron":{"expression":"30 22 * * *","zone":"Europe/Paris"}},"work":{"anew":{"approved":"#
            + #"{"datacentres":["gra"],"devices":4,"ranges":["eco"]},"inputs":{"change":"/c.yaml","inventory":"/i"}}}}}},"sequence":1}"#
        #expect(entry.chain == Digest(of: Digest(of: "rollout service journal").hexadecimal + json))
    }
}
