import ConsoleDevices
import Testing

@Suite struct EOSTests {
    private func privileged() throws -> Bench {
        var bench = try Bench(.aristaEOS)
        try bench.say(["enable", "enable"])
        return bench
    }

    private let change = ["configure session tonight", "interface Ethernet1", "shape rate 100000 kbps"]

    @Test func aSessionHasItsOwnConfigurationAndShowsTheDifference() throws {
        var bench = try privileged()
        #expect(try bench.say("configure session tonight") == "edge-1(config-s-tonigh)#")
        #expect(try bench.say("interface Ethernet1") == "edge-1(config-s-tonigh-if-Et1)#")
        try bench.say("shape rate 100000 kbps")
        #expect(try bench.device.shapedRates["Ethernet1"] == 50_000_000)
        let diff = try bench.say("show session-config diffs")
        #expect(diff.hasPrefix("--- system:/running-config\r\n+++ session:/tonight-session-config\r\n"))
        #expect(diff.contains(" interface Ethernet1\r\n-   shape rate 50000 kbps\r\n+   shape rate 100000 kbps"))
        #expect(try bench.say("commit") == "edge-1#")
        #expect(try bench.device.shapedRates == ["Ethernet1": 100_000_000, "Ethernet2": 50_000_000])
        #expect(try bench.say("show configuration sessions").contains("tonight  completed"))
    }

    @Test func aCommitWithATimerIsConfirmedFromOutsideOrUndone() throws {
        var bench = try privileged()
        try bench.say(change + ["commit timer 00:02:00"])
        #expect(try bench.device.shapedRates["Ethernet1"] == 100_000_000)
        bench.pass(seconds: 60)
        #expect(
            try bench.say("show configuration sessions detail").contains(
                "pendingCommitTimer   admin      vty1         00:01:00"))
        try bench.terminal.close(at: bench.now)
        var other = try bench.another()
        try other.say(["enable", "enable"])
        #expect(try other.say("configure session tonight commit") == "edge-1#")
        other.pass(seconds: 600)
        try other.say("show clock")
        #expect(try other.device.shapedRates["Ethernet1"] == 100_000_000)

        try other.say(["configure session again", "hostname lost", "commit timer 00:01:00"])
        other.pass(seconds: 60)
        #expect(try other.say("show clock").hasSuffix("edge-1#"))
        #expect(try other.say("configure session again commit").contains("% Session again does not exist"))
    }

    @Test func abortingUnderATimerPutsBackAtOnce() throws {
        var bench = try privileged()
        try bench.say(change + ["commit timer 00:02:00"])
        #expect(try bench.say("configure session tonight abort") == "edge-1#")
        #expect(try bench.device.shapedRates["Ethernet1"] == 50_000_000)
        #expect(try bench.device.pending == nil)
    }

    @Test func aCommitReplacesWhatOthersChangedMeanwhile() throws {
        var bench = try privileged()
        try bench.say(change)
        var other = try bench.another()
        try other.say(["enable", "enable", "configure", "interface Ethernet2", "description theirs", "end"])
        #expect(try other.running.contains("theirs"))
        try bench.say("commit")
        #expect(!(try bench.running.contains("theirs")))
    }

    @Test func aSessionWaitsForWhoeverComesBack() throws {
        var bench = try privileged()
        try bench.say(change + ["end"])
        #expect(try bench.say("show session-config named tonight diffs").contains("+   shape rate 100000 kbps"))
        #expect(try bench.say(["configure session tonight", "abort"]) == "edge-1#")
        #expect(try bench.say("show session-config named tonight diffs").contains("does not exist"))
    }

    @Test func cleanConfigEmptiesTheSession() throws {
        var bench = try privileged()
        try bench.say(["configure session replace", "rollback clean-config", "hostname clean"])
        #expect(try bench.say("show session-config").contains("hostname clean\r\nend"))
        try bench.say("commit")
        #expect(try bench.running == "hostname clean")
    }

    @Test func errorsAreSaidWithoutACaret() throws {
        var bench = try privileged()
        #expect(try bench.say("show nonsense") == "% Invalid input\r\nedge-1#")
        #expect(try bench.say("configure session a commit timer") == "% Incomplete command\r\nedge-1#")
    }
}
