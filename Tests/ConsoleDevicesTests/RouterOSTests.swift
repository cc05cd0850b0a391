import ConsoleDevices
import Testing

@Suite struct RouterOSTests {
    private let faster = "/queue tree set [find name=shape-ether1] max-limit=100M"

    @Test func itemsAreInForceAtOnce() throws {
        var bench = try Bench(.mikrotikRouterOS)
        #expect(bench.greeting.hasSuffix("\r\u{1B}[K[admin@edge-1] > "))
        try bench.say(faster)
        #expect(try bench.device.shapedRates == ["ether1": 100_000_000, "ether2": 50_000_000])
        #expect(try bench.say("/queue/tree").hasSuffix("[admin@edge-1] /queue/tree > "))
        #expect(try bench.say("set shape-ether2 max-limit=1000000000").hasSuffix("> "))
        #expect(try bench.say("print").contains("name=shape-ether2 parent=ether2 max-limit=1G"))
        try bench.say("/queue/simple")
        try bench.say("add name=second target=ether2 max-limit=30M/20M")
        #expect(try bench.device.shapedRates["ether2"] == 20_000_000)
        #expect(try bench.say("print terse where name=second").contains(" 0   name=second target=ether2"))
        try bench.say(["add name=extra target=10.0.0.1 max-limit=1M/1M", "remove [find name=extra]"])
        #expect(try bench.say("remove extra").contains("no such item"))
        #expect(try bench.say("/").hasSuffix("[admin@edge-1] > "))
        #expect(
            try bench.say("/export").contains(
                "/queue tree\r\nadd max-limit=100M name=shape-ether1 parent=ether1"))
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
        let back = "/queue tree set [find name=shape-ether1] max-limit=50M; /system scheduler remove revert"
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

    @Test func aScriptRunsByNameByTimeAndAtStartup() throws {
        var bench = try Bench(.mikrotikRouterOS)
        let source =
            #"/queue tree set [find name=\"shape-ether1\"] max-limit=50M; /system script remove [find name=back]"#
        let script = #"/system script add name=back source="\#(source)""#
        try bench.say([script, faster])
        #expect(
            try bench.say("/system script print terse where name=back").contains(" 0   name=back source=\"/queue tree"))
        #expect(
            try bench.say("/export").contains(
                "add name=back \\\r\n    source=\"/queue tree set [find name=\\\"shape-ether1\\\"] max-limit=50M;"))
        try bench.say("/system script run back")
        #expect(try bench.device.shapedRates["ether1"] == 50_000_000)
        #expect(try bench.say("/system script run back").contains("no such item"))

        try bench.say([script, faster, "/system scheduler add name=boot start-time=startup on-event=back"])
        bench.pass(seconds: 86_400)
        try bench.say("/export")
        #expect(try bench.device.shapedRates["ether1"] == 100_000_000)
        _ = try bench.say("/system reboot")
        _ = try bench.type("y")
        bench = try bench.another()
        bench.pass(seconds: 2)
        try bench.say("/export")
        #expect(try bench.device.shapedRates["ether1"] == 100_000_000)
        bench.pass(seconds: 1)
        try bench.say("/export")
        #expect(try bench.device.shapedRates["ether1"] == 50_000_000)
    }

    @Test func anItemSaysWhenItRunsNextByTheClockOfTheDevice() throws {
        var bench = try Bench(.mikrotikRouterOS)
        try bench.say("/system scheduler add name=later interval=300s on-event=\":log info x\"")
        let shown = "name=later interval=300s on-event=\":log info x\" start-date=2026-11-26 start-time=15:00:00"
        #expect(
            try bench.say("/system scheduler print terse without-paging").contains(
                " 0   \(shown) owner=admin run-count=0 next-run=2026-11-26 15:05:00"))
        bench.memory?.faults.clockOffset = -600
        #expect(try bench.say("/system clock print").contains("time: 14:50:00"))
        #expect(try bench.say("/system scheduler print terse").contains("next-run=2026-11-26 15:05:00"))
        bench.memory?.faults.clockOffset = 7200
        #expect(
            try bench.say("/system scheduler print terse").contains("run-count=1 next-run=2026-11-26 17:05:00"))
    }
}
