import ConsoleDevices
import Testing

@Suite struct JunosTests {
    private let edit = "\r\n[edit]\r\nadmin@edge-1# "
    private let faster = "set class-of-service interfaces ge-0/0/1 shaping-rate 100m"

    @Test func aCandidateIsEditedComparedAndCommitted() throws {
        var bench = try Bench(.juniperJunos)
        #expect(bench.greeting.hasSuffix("\r\nadmin@edge-1> "))
        #expect(try bench.say("configure") == "Entering configuration mode\r\n" + edit)
        #expect(try bench.say(faster) == edit)
        #expect(
            try bench.say("show | compare") == """
                [edit class-of-service interfaces ge-0/0/1]\r
                -   shaping-rate 50m;\r
                +   shaping-rate 100m;\r
                \(edit)
                """)
        #expect(try bench.device.shapedRates["ge-0/0/1"] == 50_000_000)
        #expect(try bench.say("commit check") == "configuration check succeeds\r\n" + edit)
        #expect(try bench.say("commit and-quit") == "commit complete\r\nExiting configuration mode\r\nadmin@edge-1> ")
        #expect(try bench.device.shapedRates["ge-0/0/1"] == 100_000_000)
        #expect(
            try bench.say("show configuration interfaces ge-0/0/1 unit 0").hasPrefix(
                "family inet {\r\n    address 192.0.2.1/30;\r\n}"))
    }

    @Test func aTrialIsUndoneUnlessConfirmed() throws {
        var bench = try Bench(.juniperJunos)
        let before = try bench.running
        #expect(
            try bench.say(["configure", faster, "commit confirmed 5 comment \"tonight\""]).hasPrefix(
                "commit confirmed will be automatically rolled back in 5 minutes unless confirmed\r\ncommit complete\r\n"
            ))
        #expect(try bench.say("").contains("# commit confirmed will be rolled back in 5 minutes\r\n[edit]"))
        let commits = try bench.say("run show system commit")
        #expect(commits.contains("by admin via cli commit confirmed, rollback in 5mins\r\n    tonight"))
        bench.pass(seconds: 300)
        #expect(try bench.say("run show system commit").contains("by root via other"))
        #expect(try bench.running == before)
        // The candidate is what is in force again.
        #expect(try bench.say("show | compare") == edit)
    }

    @Test(arguments: ["commit", "commit check"]) func aCommitOrACheckConfirms(_ command: String) throws {
        var bench = try Bench(.juniperJunos)
        try bench.say(["configure", faster, "commit confirmed 1"])
        try bench.terminal.close(at: bench.now)
        var other = try bench.another()
        try other.say(["configure", command])
        other.pass(seconds: 3600)
        try other.say("status")
        #expect(try other.device.shapedRates["ge-0/0/1"] == 100_000_000)
    }

    @Test func rollbackLoadsAnEarlierCommit() throws {
        var bench = try Bench(.juniperJunos)
        let before = try bench.running
        try bench.say(["configure", faster, "commit"])
        #expect(try bench.say("rollback 1") == "load complete\r\n" + edit)
        try bench.say("commit")
        #expect(try bench.running == before)
        #expect(try bench.say("rollback 40").contains("error: could not open configuration file"))
    }

    @Test func theCandidateIsSharedUnlessExclusiveOrPrivate() throws {
        var bench = try Bench(.juniperJunos)
        var other = try bench.another()
        try other.say(["configure", "set system domain-name theirs"])
        #expect(try bench.say("configure exclusive") == "error: configuration database modified\r\nadmin@edge-1> ")
        #expect(try bench.say("configure private").hasPrefix("error: shared configuration database modified"))
        #expect(try bench.say("configure").contains("The configuration has been changed but not committed"))
        try bench.say([faster, "commit"])
        // What the other had not committed went with it.
        #expect(try bench.running.contains("domain-name theirs;"))
        try bench.say("exit")
        try other.say("exit")
        #expect(
            try bench.say("configure exclusive").hasPrefix(
                "warning: uncommitted changes will be discarded on exit\r\nEntering"))
        #expect(try other.say("configure private").contains("error: configuration database locked by:"))
        try other.say("configure")
        #expect(try other.say("set system domain-name more").contains("error: configuration database locked by:"))
        // A session that is lost leaves neither its lock nor its changes.
        try bench.say("set system domain-name unsaved")
        try bench.terminal.close(at: bench.now)
        try other.say(["exit", "configure exclusive"])
        #expect(try other.say("show system domain-name").hasPrefix("domain-name theirs;"))
    }

    @Test func privateChangesAreMergedIntoWhatIsInForce() throws {
        var bench = try Bench(.juniperJunos)
        var other = try bench.another()
        try bench.say(["configure private", faster])
        #expect(try bench.say("commit confirmed 5").hasPrefix("error: commit confirmed is not allowed"))
        try other.say(["configure private", "set system domain-name theirs", "commit", "exit"])
        try bench.say("commit")
        #expect(try bench.running.contains("domain-name theirs;"))
        #expect(try bench.device.shapedRates["ge-0/0/1"] == 100_000_000)
    }

    @Test func configurationIsLoadedFromTheTerminal() throws {
        var bench = try Bench(.juniperJunos)
        #expect(try bench.say(["configure", "load merge terminal"]) == "[Type ^D at a new line to end input]\r\n")
        try bench.say(["interfaces {", "    ge-0/0/2 {", "        mtu 9000;", "        nonsense;", "    }", "}"])
        let answer = try bench.type("\u{4}").text
        #expect(answer.contains("terminal:4:(1) syntax error: nonsense"))
        #expect(answer.contains("load complete (1 errors)"))
        #expect(try bench.say("show interfaces ge-0/0/2 mtu").hasPrefix("mtu 9000;"))
        try bench.say(["load override terminal", "system {", "    host-name new;", "}"])
        _ = try bench.type("\u{4}")
        #expect(try bench.say("show | display set").hasPrefix("set system host-name new\r\n\r\n[edit]"))
    }

    @Test func leavingWithChangesAsks() throws {
        var bench = try Bench(.juniperJunos)
        try bench.say(["configure exclusive", faster])
        #expect(try bench.say("exit").hasSuffix("Discard uncommitted changes? [yes,no] (yes) "))
        #expect(try bench.say("no") == edit)
        try bench.say("exit")
        #expect(try bench.say("yes") == "Exiting configuration mode\r\nadmin@edge-1> ")
        #expect(try bench.say(["configure", "show | compare"]) == edit)
    }

    @Test func placesAreEnteredAndErrorsPointAtTheWord() throws {
        var bench = try Bench(.juniperJunos)
        #expect(try bench.say(["configure", "edit interfaces ge-0/0/1"]).contains("[edit interfaces ge-0/0/1]"))
        try bench.say("set mtu 1600")
        #expect(try bench.say("show").hasPrefix("description \"customer 1\";\r\nmtu 1600;"))
        #expect(try bench.say("top") == edit)
        let answer = try bench.say("set interfaces ge-0/0/1 colour red")
        #expect(
            answer.hasPrefix(
                String(repeating: " ", count: "admin@edge-1# set interfaces ge-0/0/1 ".count) + "^\r\nsyntax error."))
        #expect(try bench.say("frobnicate").contains("unknown command."))
        #expect(try bench.say("delete interfaces ge-0/0/1 disable").contains("warning: statement not found"))
        #expect(
            try bench.say(["set class-of-service interfaces ge-0/0/1 scheduler-map NOPE", "commit"]).contains(
                "error: configuration check-out failed"))
    }
}
