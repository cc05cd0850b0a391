import ConsoleDevices
import Testing

@Suite struct SRLinuxTests {
    private let faster =
        "/ qos scheduler-policies sched-class-scheduling-policy SHAPE scheduler 0 rate peak-rate-kbps 100000"

    @Test func aCandidateIsComparedAndCommitted() throws {
        var bench = try Bench(.nokiaSRLinux)
        #expect(bench.greeting.hasSuffix("--{ running }--[  ]--\r\nA:edge-1# "))
        #expect(
            try bench.say("enter candidate private") == "--{ candidate private private-admin }--[  ]--\r\nA:edge-1# ")
        #expect(try bench.say("set " + faster).hasPrefix("--{ * candidate private"))
        let diff = try bench.say("diff")
        let blanks = String(repeating: " ", count: 25)
        #expect(diff.contains("rate {\r\n-\(blanks)peak-rate-kbps 50000\r\n+\(blanks)peak-rate-kbps 100000"))
        #expect(try bench.say("commit stay").hasPrefix("All changes have been committed. Starting new transaction."))
        #expect(try bench.device.shapedRates["ethernet-1/1"] == 100_000_000)
        #expect(
            try bench.say(["delete / interface ethernet-1/1 description", "commit now"]).contains(
                "Leaving candidate mode."))
        #expect(!(try bench.running.contains("customer 1")))
        #expect(try bench.device.startup != bench.device.running)
        try bench.say("save startup")
        #expect(try bench.device.startup == bench.device.running)
    }

    @Test func aTrialIsAcceptedRejectedOrUndone() throws {
        var bench = try Bench(.nokiaSRLinux)
        try bench.say(["enter candidate private", faster, "commit confirmed timeout 60"])
        #expect(try bench.device.shapedRates["ethernet-1/1"] == 100_000_000)
        bench.pass(seconds: 60)
        #expect(try bench.say("commit confirmed accept").contains("Error: No confirmed commit is in progress"))
        #expect(try bench.device.shapedRates["ethernet-1/1"] == 50_000_000)

        bench = try bench.another()
        // The candidate of before is still there.
        try bench.say(["enter candidate private", "discard stay", faster, "commit confirmed timeout 60"])
        try bench.terminal.close(at: bench.now)
        var other = try bench.another()
        try other.say("tools system configuration confirmed-accept")
        other.pass(seconds: 600)
        try other.say("show version")
        #expect(try other.device.shapedRates["ethernet-1/1"] == 100_000_000)
    }

    @Test func refusalsNameTheToken() throws {
        var bench = try Bench(.nokiaSRLinux)
        try bench.say("enter candidate private")
        #expect(
            try bench.say("/ interface ethernet-1/1 colour red").hasPrefix("Parsing error: Unknown token 'colour'."))
        #expect(
            try bench.say([
                "/ qos interfaces interface ethernet-1/1 output scheduler sched-class-scheduling-policy NOPE",
                "commit stay",
            ]).contains("Error: Commit failed"))
        #expect(try bench.say("discard now").contains("All changes have been discarded."))
    }

    @Test func aTrialIsSeenByAllAndNoOtherCommitIsTaken() throws {
        var bench = try Bench(.nokiaSRLinux)
        let query = "info from state /system configuration commit *"
        #expect(!(try bench.say(query).contains("unconfirmed")))
        try bench.say(["enter candidate private name mine", faster, "commit confirmed timeout 60"])
        var other = try bench.another()
        let seen = try other.say(query)
        #expect(seen.contains("name mine\r\n                status unconfirmed\r\n                username admin"))
        #expect(seen.hasSuffix("--{ + running }--[  ]--\r\nA:edge-1# "))
        #expect(
            try other.say([
                "enter candidate private name other", "/ interface ethernet-1/1 description theirs", "commit stay",
            ]).contains("Error: Cannot commit transaction (commit confirmed in progress)"))
        try other.say(["discard now", "tools system configuration confirmed-reject"])
        #expect(try other.device.shapedRates["ethernet-1/1"] == 50_000_000)
        #expect(!(try other.say(query).contains("unconfirmed")))
    }

    @Test func aCandidateWithANameOutlivesItsSession() throws {
        var bench = try Bench(.nokiaSRLinux)
        try bench.say(["enter candidate private name mine", faster])
        try bench.terminal.close(at: bench.now)
        var other = try bench.another()
        try other.say(["enter candidate", "/ interface ethernet-1/2 description theirs", "commit now"])
        // As it was left, and as things were when it was made.
        #expect(try other.say("enter candidate private name mine").hasPrefix("--{ +!* candidate private mine }--"))
        #expect(try other.say("diff").contains("peak-rate-kbps 100000"))
        #expect(!(try other.say("info flat").contains("theirs")))
        #expect(try other.say("discard stay").contains("--{ + candidate private mine }--"))
        #expect(
            try other.say("info flat / interface ethernet-1/2").hasPrefix(
                "set / interface ethernet-1/2 description theirs\r\n"))
        #expect(try other.device.shapedRates["ethernet-1/1"] == 50_000_000)
    }
}
