import Foundation
import RolloutEngine
import RolloutLab
import Testing

/// One real device of a lab, and a store of its own, so that several do not meet.
struct DeviceBench {
    let device: String
    let lab: Lab
    let change: String
    let program: RolloutProgram

    var plan: String { "\(program.state)/bench.plan" }

    /// A bench for every device, with a change for which nothing is waited for, so that a night takes seconds.
    static func all(of topology: LabTopology, in lab: Lab, folder: String) throws -> [DeviceBench] {
        let change = "\(lab.folder.policies)/quick.yaml"
        try quick.write(toFile: change, atomically: true, encoding: .utf8)
        return try topology.devices.map { device in
            let state = "\(folder)/\(device.name)"
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            return DeviceBench(device: device.name, lab: lab, change: change, program: RolloutProgram(state: state))
        }
    }

    private static let quick = """
        change:
          name: quick
          shape: [{interface: e0, egress_rate: "{{ doubled }}Mbit"}]
        policy:
          name: quick
          soak: 2s
          watch: {poll: 1s, baseline: 2s}
          gates: []
          isolate: []
          headroom: 100%
          revert_timer: 1m
          deadlines: {push: 20s, confirm: 20s, roll_back: 30s, wave: 2m}

        """

    func makePlan(_ why: String) async throws {
        let made = try await program.run("plan", change, "-i", lab.folder.inventory, "-l", device, "-o", plan)
        try #require(made.code == 0, "\(device), \(why): \(made.output)")
    }

    /// What paused for a person goes on when the person says so.
    func goOn(after end: RolloutProgram.Ending, by program: RolloutProgram? = nil) async throws
        -> RolloutProgram.Ending
    {
        let program = program ?? self.program
        var last = end
        if last.code == 3 { last = try await program.run("resume", "latest") }
        if last.code == 3 { last = try await program.run("retry", "latest", "--failed") }
        return last
    }

    /// The device holds the change, and nothing else would have to be done on it.
    func isChanged(_ why: String) async throws {
        #expect(try await cap() == BitsPerSecond(8_000_000), "\(device), \(why)")
        let again = try await program.run(
            "plan", change, "-i", lab.folder.inventory, "-l", device, "--detailed-exitcode")
        #expect(again.code == 0, "\(device), \(why): \(again.output)")
    }

    func putBack(_ why: String) async throws {
        let back = try await program.run("rollback", "latest")
        #expect(back.code == 4, "\(device), \(why): \(back.output)")
        #expect(try await cap() == BitsPerSecond(4_000_000), "\(device), \(why)")
    }

    private func cap() async throws -> BitsPerSecond? {
        try await lab.status().devices.first { $0.name == device }?.cap
    }

    /// The program with calls that fail.
    func failing(_ environment: [String: String]) throws -> RolloutProgram {
        var program = program
        program.environment = environment
        program.environment["LD_PRELOAD"] = try RolloutProgram.built("libFailingCalls.so").path
        return program
    }
}
