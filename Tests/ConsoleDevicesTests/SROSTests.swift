import ConsoleDevices
import Testing

@Suite struct SROSTests {
    private let faster = "/configure port 1/1/1 ethernet egress rate 100000"

    @Test func aCandidateIsComparedAndCommitted() throws {
        var bench = try Bench(.nokiaSROS)
        #expect(bench.greeting.hasSuffix("\r\n[/]\r\nA:admin@edge-1# "))
        #expect(try bench.say("edit-config private").hasSuffix("\r\n(pr)[/]\r\nA:admin@edge-1# "))
        #expect(try bench.say(faster).hasSuffix("*(pr)[/]\r\nA:admin@edge-1# "))
        let difference = try bench.say("compare").split(separator: "\r\n")
        #expect(difference.contains { $0.hasPrefix("-   ") && $0.hasSuffix(" rate 50000") })
        #expect(difference.contains { $0.hasPrefix("+   ") && $0.hasSuffix(" rate 100000") })
        #expect(try bench.device.shapedRates["1/1/1"] == 50_000_000)
        #expect(try bench.say("commit").hasSuffix("\r\n(pr)[/]\r\nA:admin@edge-1# "))
        #expect(try bench.device.shapedRates["1/1/1"] == 100_000_000)
        // Naming a place enters it.
        try bench.say("configure port 1/1/2")
        #expect(try bench.say("description changed").contains("(pr)[/configure/port 1/1/2]"))
        try bench.say(["exit all", "discard"])
        #expect(try bench.say("quit-config").contains("Exiting private configuration mode"))
        #expect(!(try bench.running.contains("changed")))
    }

    @Test func aTrialIsAcceptedCancelledOrUndone() throws {
        var bench = try Bench(.nokiaSROS)
        let trial = ["edit-config private", faster, "commit confirmed 1"]
        #expect(try bench.say(trial).contains("Commit confirmed - automatic rollback in 1 minutes"))
        bench.pass(seconds: 60)
        #expect(try bench.say("commit confirmed accept").contains("No confirmed commit is in progress"))
        #expect(try bench.device.shapedRates["1/1/1"] == 50_000_000)
        bench = try bench.another()
        try bench.say(trial)
        // What was undone is a change of the candidate again.
        let cancelled = try bench.say("commit confirmed cancel")
        #expect(cancelled.contains("canceled - automatic rollback of changes"))
        #expect(cancelled.contains("\r\n*(pr)[/]"))
        #expect(try bench.device.shapedRates["1/1/1"] == 50_000_000)
        bench = try bench.another()
        try bench.say(trial)
        #expect(try bench.say("commit confirmed accept").contains("accepted - automatic rollback canceled"))
        bench.pass(seconds: 600)
        try bench.say("compare")
        #expect(try bench.device.shapedRates["1/1/1"] == 100_000_000)
    }

    @Test func aTrialEndsWithItsSessionAndNothingTellsOthersOfIt() throws {
        var bench = try Bench(.nokiaSROS)
        var other = try bench.another()
        let asked = ["configuration-sessions", "datastore-locks", "commit-history"].map {
            "show system management-interface \($0)"
        }
        try bench.say(["edit-config private", faster, "commit confirmed 10"])
        #expect(try bench.device.shapedRates["1/1/1"] == 100_000_000)
        for line in asked {
            let said = try other.say(line).lowercased()
            #expect(!said.contains("confirmed") && !said.contains("rollback"), "\(line)")
        }
        try bench.terminal.close(at: bench.now)
        #expect(try other.device.shapedRates["1/1/1"] == 50_000_000)
    }

    @Test func aCandidateThatOthersOvertookIsUpdatedBeforeItIsCommitted() throws {
        var bench = try Bench(.nokiaSROS)
        var other = try bench.another()
        try bench.say(["edit-config private", faster])
        try other.say(["edit-config private", "/configure system location lab", "commit"])
        #expect(try bench.say("info").contains("!*(pr)[/]"))
        #expect(try bench.say("commit").contains("MINOR: MGMT_CORE #2703"))
        #expect(try bench.say(["update", "commit"]).hasSuffix("\r\n(pr)[/]\r\nA:admin@edge-1# "))
        #expect(try bench.running.contains("location lab"))
        #expect(try bench.device.shapedRates["1/1/1"] == 100_000_000)
    }

    @Test func oneCandidateCanBeHadExclusively() throws {
        var bench = try Bench(.nokiaSROS)
        var other = try bench.another()
        try bench.say("edit-config exclusive")
        #expect(try other.say("edit-config exclusive").contains("MINOR: MGMT_CORE #2052"))
        #expect(try bench.say("/configure colour red").contains("MINOR: MGMT_CORE #2201: Unknown element - 'colour'"))
        #expect(
            try bench.say([
                "/configure service ies customers interface c1 sap 1/1/1:0 egress qos sap-egress policy-name NOPE",
                "commit",
            ]).contains("'NOPE' does not exist"))
        try bench.terminal.close(at: bench.now)
        #expect(try other.say("edit-config exclusive").contains("Entering exclusive configuration mode"))
        #expect(!(try other.say("info").contains("NOPE")))
    }
}
