import ConsoleDevices
import Testing

@Suite struct RouterOSTests {
    private let faster = "/queue simple set [find name=shape-ether1] max-limit=100M/100M"

    @Test func itemsAreInForceAtOnce() throws {
        var bench = try Bench(.mikrotikRouterOS)
        #expect(bench.greeting.hasSuffix("\r\u{1B}[K[admin@edge-1] > "))
        try bench.say(faster)
        #expect(try bench.device.shapedRates == ["ether1": 100_000_000, "ether2": 50_000_000])
        #expect(try bench.say("/queue/simple").hasSuffix("[admin@edge-1] /queue/simple > "))
        #expect(try bench.say("set shape-ether2 max-limit=20M/20M").hasSuffix("> "))
        #expect(try bench.say("print").contains("name=shape-ether2 target=ether2 max-limit=20M/20M"))
        try bench.say(["add name=extra target=10.0.0.1 max-limit=1M/1M", "remove [find name=extra]"])
        #expect(try bench.say("remove extra").contains("no such item"))
        #expect(try bench.say("/").hasSuffix("[admin@edge-1] > "))
        #expect(
            try bench.say("/export").contains(
                "/queue simple\r\nadd name=shape-ether1 target=ether1 max-limit=100M/100M"))
        #expect(try bench.say("/frobnicate").contains("bad command name frobnicate (line 1 column 1)"))
    }

    @Test func safeModeUndoesWhatALostSessionDid() throws {
        var bench = try Bench(.mikrotikRouterOS)
        #expect(try bench.type("\u{18}").text.hasSuffix("[Safe mode taken]\r\n\r\u{1B}[K[admin@edge-1] <SAFE> "))
        try bench.say(faster)
        #expect(try bench.device.shapedRates["ether1"] == 100_000_000)
        try bench.terminal.close(at: bench.now)
        #expect(try bench.device.shapedRates["ether1"] == 50_000_000)
    }

    @Test func safeModeThatIsReleasedKeeps() throws {
        var bench = try Bench(.mikrotikRouterOS)
        _ = try bench.type("\u{18}")
        try bench.say(faster)
        var other = try bench.another()
        #expect(try other.type("\u{18}").text.contains("Hijacking Safe Mode from someone"))
        _ = try other.type("d")
        #expect(try bench.type("\u{18}").text.contains("[Safe mode released]"))
        try bench.terminal.close(at: bench.now)
        #expect(try bench.device.shapedRates["ether1"] == 100_000_000)
    }

    @Test func aScheduleRunsWhenItsTimeHasComeUnlessItIsRemoved() throws {
        var bench = try Bench(.mikrotikRouterOS)
        let back = "/queue simple set [find name=shape-ether1] max-limit=50M/50M; /system scheduler remove revert"
        let schedule = "/system scheduler add name=revert interval=10m on-event=\"\(back)\""
        try bench.say([schedule, faster])
        bench.pass(seconds: 599)
        try bench.say("/export")
        #expect(try bench.device.shapedRates["ether1"] == 100_000_000)
        bench.pass(seconds: 1)
        #expect(!(try bench.say("/export").contains("scheduler")))
        #expect(try bench.device.shapedRates["ether1"] == 50_000_000)

        try bench.say([schedule, faster, "/system scheduler remove [find name=revert]"])
        bench.pass(seconds: 6000)
        try bench.say("/export")
        #expect(try bench.device.shapedRates["ether1"] == 100_000_000)
    }
}
