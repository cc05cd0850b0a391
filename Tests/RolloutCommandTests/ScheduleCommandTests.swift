import ArgumentParser
import Foundation
import RolloutEngine
import Testing

@testable import rollout

@Suite("rollout schedule", .timeLimit(.minutes(1)))
struct ScheduleCommandTests {
    /// A folder with a plan and a store, and what commands come to in it.
    private final class Place {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-schedule-\(UUID().uuidString)")
            .path
        var plan: String { folder + "/plan" }

        init() throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try PlanFile(try ScreenFixture().plan).bytes.write(to: URL(fileURLWithPath: plan))
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func run(_ arguments: String...) async -> Int32 {
            do {
                var command = try Rollout.parseAsRoot(arguments + ["--store", folder + "/store"])
                guard var asynchronous = command as? any AsyncParsableCommand else {
                    try command.run()
                    return 0
                }
                try await asynchronous.run()
                return 0
            } catch { return Rollout.exitCode(for: error).rawValue }
        }

        func state() async throws -> ServiceState {
            try await StoreOptions.parse(["--store", folder + "/store"]).open().serviceState()
        }
    }

    @Test("what is set is what was meant: the plan by its digest, the time by the clock of its zone")
    func set() async throws {
        let place = try Place()
        #expect(
            await place.run(
                "schedule", "add", "tonight", "--plan", place.plan, "--at", "2099-07-01 22:30", "--zone",
                "Europe/Paris",
                "--late", "30m", "--reason", "asked by noc", "--yes") == 0)
        let its = try #require(try await place.state().schedules["tonight"])
        let digest = try PlanFile(try ScreenFixture().plan).digest
        #expect(its.schedule.work == .plan(path: place.plan, digest: digest))
        #expect(its.schedule.timing == .once(try #require(Instant("2099-07-01T20:30:00.000Z"))))
        #expect(its.schedule.lateness == .minutes(30))
        #expect(
            await place.run(
                "schedule", "add", "tonight", "--plan", place.plan, "--cron", "0 22 * * mon", "--zone", "Asia/Tokyo",
                "--yes") == 0)
        let again = try #require(try await place.state().schedules["tonight"])
        #expect(again.schedule.timing == .cron(try CronExpression("0 22 * * mon"), zone: "Asia/Tokyo"))
        for command in ["list", "next"] { #expect(await place.run("schedule", command) == 0) }
        #expect(await place.run("schedule", "show", "tonight") == 0)
        #expect(await place.run("schedule", "remove", "tonight", "--reason", "not needed") == 0)
        #expect(try await place.state().schedules.isEmpty)
        #expect(await place.run("audit", "verify") == 0)
    }

    @Test(
        "what cannot be meant is refused, and nothing is set",
        arguments: [
            ["--at", "2020-01-01 22:30", "--zone", "UTC"], ["--at", "2099-02-30 22:30", "--zone", "UTC"],
            ["--at", "2099-02-01", "--zone", "UTC"], ["--at", "2099-02-01 22:30"],
            ["--at", "2099-02-01 22:30", "--zone", "Europe/Pariss"], ["--cron", "0 25 * * *", "--zone", "UTC"],
            ["--cron", "0 22 * * *"], ["--cron", "0 22 * * *", "--at", "now"], ["--at", "now", "--late", "8d"],
            ["--at", "now", "--late", "soon"], [],
        ])
    func refused(_ arguments: [String]) async throws {
        let place = try Place()
        var words = ["schedule", "add", "tonight", "--plan", place.plan] + arguments + ["--yes"]
        words += ["--store", place.folder + "/store"]
        var found: Int32 = 0
        do {
            var command = try #require(try Rollout.parseAsRoot(words) as? any AsyncParsableCommand)
            try await command.run()
        } catch { found = Rollout.exitCode(for: error).rawValue }
        #expect(found == 64)
        #expect(try await place.state().schedules.isEmpty)
    }

    @Test("nobody schedules by a slip: without a terminal, --yes is needed; a name that is none is refused")
    func asks() async throws {
        let place = try Place()
        #expect(
            await place.run("schedule", "add", "tonight", "--plan", place.plan, "--at", "now")
                == ExitStatus.refused.rawValue)
        #expect(
            await place.run("schedule", "add", "to\u{1b}[31mnight", "--plan", place.plan, "--at", "now", "--yes")
                == ExitStatus.usage.rawValue)
        #expect(await place.run("schedule", "show", "tonight") == ExitStatus.badInput.rawValue)
        #expect(try await place.state().schedules.isEmpty)
    }

    @Test("while the line is stopped nothing is applied; it is stopped once, and released with who and why")
    func line() async throws {
        let place = try Place()
        #expect(await place.run("stop-the-line", "--reason", "fibre cut") == 0)
        #expect(await place.run("stop-the-line", "--reason", "another") == 0)
        #expect(try await place.state().lineStop?.reason == "fibre cut")
        #expect(await place.run("apply", place.plan, "--yes") == ExitStatus.refused.rawValue)
        #expect(await place.run("release-the-line", "--reason", "spliced") == 0)
        #expect(try await place.state().lineStop == nil)
        #expect(try await place.state().lineRelease?.reason == "spliced")
        #expect(try await place.state().chain.sequence == 2)
        #expect(await place.run("stop-the-line") == ExitStatus.usage.rawValue)
    }
}
