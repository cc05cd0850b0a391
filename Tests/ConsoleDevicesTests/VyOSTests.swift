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
        #expect(try bench.say("save") == prompt)
        #expect(try bench.device.startup == bench.device.running)
        #expect(try bench.say("commit").contains("No configuration changes to commit"))
        #expect(try bench.say("exit") == "exit\r\nadmin@edge-1:~$ ")
        #expect(
            try bench.say("show configuration commands").contains("set qos policy shaper SHAPE bandwidth '100mbit'"))
    }

    @Test func whatIsNotConfirmedEndsInTheNewestCommitOfTheArchive() throws {
        var bench = try Bench(.vyos)
        try bench.say(["configure", "set system syslog host 10.1.1.1", "commit"])
        #expect(
            try bench.say([faster, "commit-confirm 2 comment mine"]).hasSuffix(
                "reload previous config in 2 minutes\r\nunless changes are confirmed.\r\nProceed ? [Y/n] "))
        #expect(try bench.say("y") == "Initialized commit-confirm; 2 minutes to confirm before reload\r\n" + prompt)
        #expect(try bench.device.shapedRates["eth1"] == 100_000_000)
        #expect(try bench.say("commit-confirm").contains("No configuration changes to commit"))
        bench.pass(seconds: 120)
        #expect(!(try bench.terminal.tick(at: bench.now).hangsUp))
        #expect(try bench.device.shapedRates["eth1"] == 50_000_000)
        #expect(try bench.running.contains("10.1.1.1"))
        // Somebody's commit in the window takes ours into the archive with it.
        try bench.say(["exit", "configure", faster, "commit-confirm 1", "y"])
        var other = try bench.another()
        try other.say(["configure", "set system syslog host 10.1.1.2", "commit"])
        bench.pass(seconds: 60)
        try bench.say("compare")
        #expect(try bench.device.shapedRates["eth1"] == 100_000_000)
    }

    @Test func withoutReloadItEndsInARestartIntoWhatWasSaved() throws {
        var bench = try Bench(.vyos)
        try bench.say([
            "configure", "delete system config-management commit-confirm", "set system syslog host 10.1.1.1", "commit",
        ])
        #expect(try bench.say([faster, "commit-confirm 2"]).contains("will automatically reboot in 2 minutes"))
        try bench.say("y")
        bench.pass(seconds: 120)
        #expect(try bench.terminal.tick(at: bench.now).hangsUp)
        #expect(try bench.device.shapedRates["eth1"] == 50_000_000)
        // Not saved, so the restart took it too.
        #expect(!(try bench.running.contains("10.1.1.1")))
    }

    @Test func theTimerAndWhoArmedItAreSeenInTheShell() throws {
        var bench = try Bench(.vyos)
        let timers = "systemctl list-timers --no-pager --no-legend commit-confirm.timer"
        #expect(try bench.say(timers) == "admin@edge-1:~$ ")
        #expect(try bench.say("cat /tmp/commit-rev-entry").contains("No such file or directory"))
        try bench.say(["configure", faster, "commit-confirm 5 comment mine", "y"])
        bench.pass(seconds: 61)
        var other = try bench.another()
        #expect(
            try other.say(timers).hasPrefix(
                "Thu 2026-11-26 15:05:00 UTC 3min 59s left "))
        #expect(try other.say("cat /tmp/commit-rev-entry").hasPrefix("|1795705200|admin|cli|mine|"))
        try other.say(["configure", "rollback-soft 0", "commit", "confirm"])
        #expect(try other.device.shapedRates["eth1"] == 50_000_000)
        #expect(try other.say(["exit", timers]) == "admin@edge-1:~$ ")
    }

    @Test func aCommitThatFailsLeavesItsTimerRunning() throws {
        var faults = ConsoleFaults()
        faults.commitFails = true
        var bench = try Bench(.vyos, faults: faults)
        #expect(try bench.say(["configure", faster, "commit-confirm 1", "y"]).contains("Commit failed"))
        #expect(try bench.device.pending != nil)
        #expect(try bench.say("run cat /tmp/commit-rev-entry").contains("No such file or directory"))
        bench.pass(seconds: 60)
        try bench.say("compare")
        #expect(try bench.device.pending == nil)
        #expect(try bench.device.shapedRates["eth1"] == 50_000_000)
    }

    @Test func confirmingEndsTheTrialInAnySession() throws {
        var bench = try Bench(.vyos)
        try bench.say(["configure", faster, "commit-confirm 1", ""])
        try bench.terminal.close(at: bench.now)
        var other = try bench.another()
        #expect(try other.say(["configure", "confirm"]) == "Reload timer stopped\r\n" + prompt)
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

    @Test func aPolicyIsNamedByLettersDigitsAndSigns() throws {
        var bench = try Bench(.vyos)
        try bench.say("configure")
        #expect(try bench.say("set qos policy shaper ROLLOUT-eth0.100 bandwidth 1mbit").contains("is not valid"))
        #expect(try bench.say("set qos policy shaper -eth0 bandwidth 1mbit").contains("is not valid"))
        #expect(try bench.say("set qos policy shaper ROLLOUT-eth0_100 bandwidth 1mbit") == prompt)
    }
}
