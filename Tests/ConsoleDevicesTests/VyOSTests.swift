import ConsoleDevices
import Testing

@Suite struct VyOSTests {
    private let faster = "set qos policy shaper SHAPE bandwidth 100mbit"
    private let prompt = "[edit]\r\nadmin@edge-1# "

    @Test func aCandidateIsComparedCommittedAndSaved() throws {
        var bench = try Bench(.vyos)
        #expect(bench.greeting.hasSuffix("admin@edge-1:~$ "))
        #expect(try bench.say("configure") == prompt)
        #expect(try bench.say(faster) == prompt)
        #expect(
            try bench.say("compare").contains(
                "[qos policy shaper SHAPE]\r\n- bandwidth 50000kbit\r\n+ bandwidth 100mbit"))
        #expect(try bench.say("exit").contains("Cannot exit: configuration modified."))
        #expect(try bench.say("commit") == prompt)
        #expect(try bench.device.shapedRates["eth1"] == 100_000_000)
        #expect(try bench.device.startup != bench.device.running)
        #expect(try bench.say("save").contains("Saving configuration to '/config/config.boot'...\r\nDone"))
        #expect(try bench.device.startup == bench.device.running)
        #expect(try bench.say("commit").contains("No configuration changes to commit"))
        #expect(try bench.say("exit") == "exit\r\nadmin@edge-1:~$ ")
        #expect(try bench.say("show configuration commands").contains("set qos policy shaper SHAPE bandwidth 100mbit"))
    }

    @Test func whatIsNotConfirmedEndsInARestartIntoWhatWasSaved() throws {
        var bench = try Bench(.vyos)
        try bench.say(["configure", "set system syslog host 10.1.1.1", "commit"])
        #expect(try bench.say([faster, "commit-confirm 2"]).hasSuffix("Proceed? [confirm]"))
        try bench.say("y")
        #expect(try bench.device.shapedRates["eth1"] == 100_000_000)
        bench.pass(seconds: 120)
        #expect(try bench.terminal.tick(at: bench.now).hangsUp)
        #expect(try bench.device.shapedRates["eth1"] == 50_000_000)
        // Not saved, so the restart took it too.
        #expect(!(try bench.running.contains("10.1.1.1")))
    }

    @Test func confirmingEndsTheTrialInAnySession() throws {
        var bench = try Bench(.vyos)
        try bench.say(["configure", faster, "commit-confirm 1", ""])
        try bench.terminal.close(at: bench.now)
        var other = try bench.another()
        #expect(try other.say(["configure", "confirm"]) == prompt)
        #expect(try other.say("confirm").contains("No confirm pending"))
        other.pass(seconds: 600)
        try other.say("compare")
        #expect(try other.device.shapedRates["eth1"] == 100_000_000)
    }

    @Test func refusalsAreSaidInItsOwnWords() throws {
        var bench = try Bench(.vyos)
        #expect(try bench.say("frobnicate").contains("  Invalid command: [frobnicate]"))
        #expect(
            try bench.say(["configure", "set interfaces token"]).contains(
                "  Configuration path: [interfaces token] is not valid\r\n  Set failed"))
        #expect(try bench.say("delete interfaces ethernet eth1 mtu").contains("Nothing to delete"))
        #expect(try bench.say(["set qos interface eth1 egress NOPE", "commit"]).contains("Commit failed"))
        try bench.say("discard")
        #expect(try bench.say("compare").contains("No changes between working and active configurations."))
    }
}
