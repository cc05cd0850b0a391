import ConsoleDevices
import Testing

@Suite struct IOSXRTests {
    private let prompt = "RP/0/RP0/CPU0:edge-1#"

    @Test func nothingIsInForceBeforeTheCommit() throws {
        var bench = try Bench(.ciscoIOSXR)
        #expect(bench.greeting == prompt)
        try bench.say(["configure", "interface GigabitEthernet0/0/0/0 description one line"])
        #expect(!(try bench.running.contains("one line")))
        let shown = try bench.say("show configuration")
        #expect(shown.contains("interface GigabitEthernet0/0/0/0\r\n description one line\r\n!\r\nend"))
        try bench.say("root")
        #expect(try bench.say("commit label first comment tonight").hasSuffix("RP/0/RP0/CPU0:edge-1(config)#"))
        #expect(try bench.running.contains(" description one line"))
        #expect(try bench.say("commit").contains("% No configuration changes to commit."))
        try bench.say("end")
        let list = try bench.say("show configuration commit list")
        #expect(list.contains("1    first"))
        #expect(list.contains("2    1000000001"))
    }

    @Test func aTrialIsConfirmedByAnotherCommitAndElseUndone() throws {
        var bench = try Bench(.ciscoIOSXR)
        let before = try bench.running
        let change = ["configure", "policy-map SHAPE", "class class-default", "shape average 100 mbps"]
        try bench.say(change + ["commit confirmed 60"])
        #expect(try bench.device.shapedRates["GigabitEthernet0/0/0/1"] == 100_000_000)
        bench.pass(seconds: 60)
        #expect(try bench.say("do show clock").contains("UTC"))
        #expect(try bench.running == before)
        // The target shows what is in force again.
        #expect(try bench.say("show configuration merge").contains("shape average 50000 kbps"))
        try bench.say("abort")

        try bench.say(change + ["commit confirmed minutes 2", "end"])
        var other = try bench.another()
        #expect(try other.say(["configure", "commit"]).contains("% Confirming commit for trial session."))
        other.pass(seconds: 1000)
        try other.say("do show clock")
        #expect(try other.device.shapedRates["GigabitEthernet0/0/0/1"] == 100_000_000)
    }

    @Test func aTrialTakesNoOtherCommitAndNoOddTime() throws {
        var bench = try Bench(.ciscoIOSXR)
        #expect(try bench.say(["configure", "commit confirmed 29"]).contains("% Invalid input detected"))
        try bench.say(["hostname edge-2", "commit confirmed 30"])
        #expect(try bench.say(["hostname edge-3", "commit"]).contains("is not confirmed yet"))
        #expect(try bench.device.hostname == "edge-2")
    }

    @Test func leavingWithChangesAsks() throws {
        var bench = try Bench(.ciscoIOSXR)
        try bench.say(["configure", "hostname other"])
        #expect(
            try bench.say("end") == "Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:")
        #expect(try bench.say("cancel") == "RP/0/RP0/CPU0:edge-1(config)#")
        try bench.say("end")
        #expect(try bench.say("no") == prompt)
        #expect(try bench.device.hostname == "edge-1")
        try bench.say(["configure", "hostname other", "exit"])
        #expect(try bench.say("yes") == "RP/0/RP0/CPU0:other#")
    }

    @Test func aCommitThatNamesWhatIsNotThereFails() throws {
        var bench = try Bench(.ciscoIOSXR)
        try bench.say(["configure", "interface GigabitEthernet0/0/0/0", "service-policy output NOPE"])
        #expect(
            try bench.say("commit").contains(
                "% Failed to commit one or more configuration items during a pseudo-atomic operation."))
        #expect(
            try bench.say("show configuration failed").contains(" service-policy output NOPE\r\n!!% 'qos-ma' detected"))
        #expect(!(try bench.running.contains("NOPE")))
    }

    @Test func commitsOfOthersAreToldAndTheirLinesAreKept() throws {
        var bench = try Bench(.ciscoIOSXR)
        try bench.say(["configure", "interface GigabitEthernet0/0/0/0", "description mine"])
        var other = try bench.another()
        try other.say(["configure", "interface GigabitEthernet0/0/0/1", "description theirs", "commit"])
        #expect(try bench.say("commit").hasSuffix("Do you wish to proceed with this commit anyway? [no]: "))
        try bench.say("")
        #expect(!(try bench.running.contains("mine")))
        try bench.say(["commit", "yes"])
        #expect(try bench.running.contains("mine"))
        #expect(try bench.running.contains("theirs"))
    }

    @Test func theLastCommitsAreRolledBack() throws {
        var bench = try Bench(.ciscoIOSXR)
        let before = try bench.running
        try bench.say(["configure", "hostname a", "commit", "hostname b", "commit", "end"])
        #expect(
            try bench.say("rollback configuration last 2").contains("Configuration successfully rolled back 2 commits.")
        )
        #expect(try bench.running == before)
        #expect(try bench.say("rollback configuration last 50").contains("commits to roll back"))
    }

    @Test func theConfigurationCanBeHadExclusively() throws {
        var bench = try Bench(.ciscoIOSXR)
        var other = try bench.another()
        try bench.say("configure exclusive")
        #expect(try other.say("configure exclusive").contains("locked by another agent"))
        try bench.terminal.close(at: bench.now)
        #expect(try other.say("configure").hasSuffix("(config)#"))
    }

    @Test func aCommitCanReplaceEverything() throws {
        var bench = try Bench(.ciscoIOSXR)
        try bench.say(["configure", "hostname edge-1", "ntp server 10.0.0.7"])
        #expect(try bench.say("commit replace").hasSuffix("Do you wish to proceed? [no]: "))
        try bench.say("yes")
        #expect(try bench.running == "hostname edge-1\nntp server 10.0.0.7")
    }
}
