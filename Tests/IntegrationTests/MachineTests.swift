import Foundation
import RolloutEngine
import RolloutLab
import Testing

/// What a program has to believe about the machine it runs on: its clock, its name, the processes beside it.
@Suite(
    "Another clock, another machine", .serialized,
    .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct MachineTests {
    @Test(
        "a clock that is set, a machine that is lost: the device comes to its end, and nobody is taken for dead who may live",
        .timeLimit(.minutes(10)))
    func machines() async throws {
        let topology = LabTopology(
            devicesPerGroup: 5, datacentres: ["gra"], ranges: [.init(name: "eco", megabits: 4)])
        try await LentLab.lend("machine", topology) { lent in
            let benches = try DeviceBench.all(of: lent.topology, in: lent.lab, folder: lent.folder)
            async let later: Void = benches[0].clockSteps(by: 3600)
            async let earlier: Void = benches[1].clockSteps(by: -3600)
            async let killed: Void = benches[2].clockStepsBackWhileNobodyDrives()
            async let moved: Void = benches[3].goesOnElsewhere()
            async let stopped: Void = benches[4].standsStillBeyondItsLease()
            _ = try await (later, earlier, killed, moved, stopped)
        }
    }
}

extension DeviceBench {
    /// The clock is set while the device is pushed, and stays wrong.
    fileprivate func clockSteps(by seconds: Int64) async throws {
        for moment in ["push begins", "soaks"] {
            let why = "the clock is set by \(seconds) s when \(moment)"
            let clock = try SteppedClock(in: program.state)
            let program = try failing(clock.environment)
            try await makePlan(why)
            let apply = try program.start(["apply", plan, "--yes"])
            try await apply.prints(moment)
            try clock.set(seconds)
            let first = await apply.wait()
            #expect(
                first.code == 3 && first.output.contains("the clock of the machine was set"), "\(why): \(first.output)")
            #expect(!first.output.contains("wave 0 passed"), "\(why): \(first.output)")
            let end = try await goOn(after: first, by: program)
            #expect(end.code == 0, "\(why): \(end.code) \(end.output)")
            try await isChanged(why)
            try await putBack(why)
        }
    }

    /// By the new time the lease of the dead process has an hour to go; it is known to be dead all the same.
    fileprivate func clockStepsBackWhileNobodyDrives() async throws {
        let why = "the clock is set back while nobody drives"
        let clock = try SteppedClock(in: program.state)
        let program = try failing(clock.environment)
        try await makePlan(why)
        let apply = try program.start(["apply", plan, "--yes"])
        try await apply.prints("push begins")
        _ = await apply.kill()
        try clock.set(-3600)
        let began = ContinuousClock.now
        let end = try await goOn(after: try await program.run("apply", "--resume", "--yes"), by: program)
        #expect(end.code == 0, "\(why): \(end.code) \(end.output)")
        #expect(began.duration(to: .now) < .seconds(120), "\(why)")
        try await isChanged(why)
        try await putBack(why)
    }

    /// A process that stands still for longer than its lease finds out that somebody else took over before it does anything.
    fileprivate func standsStillBeyondItsLease() async throws {
        let why = "stopped beyond its lease"
        try await makePlan(why)
        let stopped = try program.start(["apply", plan, "--yes"])
        try await stopped.prints("push begins")
        kill(stopped.process.processIdentifier, SIGSTOP)
        defer { kill(stopped.process.processIdentifier, SIGCONT) }
        // It may only sleep: nobody goes on in its place unless a person says so.
        let refused = try await program.run("apply", "--resume", "--yes")
        #expect(refused.code == 6 && refused.output.contains("--steal"), "\(why): \(refused.code) \(refused.output)")
        let other = try await program.run("apply", "--resume", "--yes", "--steal")
        let end = try await goOn(after: other)
        #expect(end.code == 0, "\(why): \(end.code) \(end.output)")
        let before = try await program.run("events", "latest", "--json").output
        kill(stopped.process.processIdentifier, SIGCONT)
        let woken = await stopped.wait()
        #expect(woken.code == 6 && woken.output.contains("took it over"), "\(why): \(woken.code) \(woken.output)")
        #expect(try await program.run("events", "latest", "--json").output == before, "\(why): it wrote after it woke")
        try await isChanged(why)
        try await putBack(why)
    }

    /// The machine is gone in the middle of a push, and its disk is opened on another: first nobody can know that it is gone.
    fileprivate func goesOnElsewhere() async throws {
        let why = "on another machine"
        try await makePlan(why)
        let apply = try program.start(["apply", plan, "--yes"])
        try await apply.prints("push begins")
        _ = await apply.kill()
        let copy = "\(program.state)-elsewhere"
        try FileManager.default.copyItem(atPath: program.state, toPath: copy)
        var namesake = RolloutProgram(state: copy)
        namesake.via = ["unshare", "--pid", "--fork", "--mount-proc", "--"]
        var elsewhere = RolloutProgram(state: copy)
        elsewhere.via = [
            "unshare", "--pid", "--uts", "--fork", "--mount-proc", "--", "sh", "-c",
            "hostname elsewhere; exec \"$@\"", "sh",
        ]
        for machine in [namesake, elsewhere] {
            let refused = try await machine.run("apply", "--resume", "--yes")
            #expect(refused.code == 6 && refused.output.contains(" until "), "\(refused.code) \(refused.output)")
        }
        var end = try await elsewhere.run("apply", "--resume", "--yes")
        for _ in 0..<20 where end.code == 6 {
            try await Task.sleep(for: .seconds(2))
            end = try await elsewhere.run("apply", "--resume", "--yes")
        }
        end = try await goOn(after: end, by: elsewhere)
        #expect(end.code == 0, "\(end.code) \(end.output)")
        try await isChanged(why)
        let back = try await elsewhere.run("rollback", "latest")
        #expect(back.code == 4, "\(back.output)")
    }
}
