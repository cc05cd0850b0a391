import ConsoleDevices
import Testing

@Suite struct VRPTests {
    private let change = [
        "system-view", "interface GigabitEthernet0/1/1", "undo description", "qos lr outbound cir 100000",
    ]

    @Test func thePromptTellsWhetherThereIsSomethingToCommit() throws {
        var bench = try Bench(.huaweiVRP)
        #expect(bench.greeting.hasSuffix("<edge-1>"))
        #expect(try bench.say("system-view").hasSuffix("[~edge-1]"))
        #expect(try bench.say(Array(change.dropFirst())) == "[*edge-1-GigabitEthernet0/1/1]")
        #expect(try bench.device.shapedRates["GigabitEthernet0/1/1"] == 50_000_000)
        #expect(try bench.say("commit") == "[~edge-1-GigabitEthernet0/1/1]")
        #expect(try bench.device.shapedRates["GigabitEthernet0/1/1"] == 100_000_000)
        #expect(!(try bench.running.contains("customer 1")))
        #expect(try bench.say("return") == "<edge-1>")
        #expect(try bench.say("save").hasSuffix("Are you sure to continue? [Y/N]:"))
        #expect(try bench.say("y").contains("Save the configuration successfully"))
    }

    @Test func aTrialEndsWithItsSessionUnlessItHasAName() throws {
        var bench = try Bench(.huaweiVRP)
        #expect(
            try bench.say(change + ["commit trial 120"]).contains(
                "if the trial configuration is not confirmed in 120 seconds."))
        #expect(try bench.say("description more").contains("Error: The system is in the trial configuration mode."))
        try bench.terminal.close(at: bench.now)
        #expect(try bench.device.shapedRates["GigabitEthernet0/1/1"] == 50_000_000)

        var named = try bench.another()
        try named.say(change + ["commit trial 120 persist night"])
        try named.terminal.close(at: named.now)
        #expect(try named.device.shapedRates["GigabitEthernet0/1/1"] == 100_000_000)
        var other = try named.another()
        #expect(
            try other.say(["system-view", "commit"]).contains("Error: The trial configuration is of another session."))
        try other.say("commit persist night")
        other.pass(seconds: 600)
        try other.say("display clock")
        #expect(try other.device.shapedRates["GigabitEthernet0/1/1"] == 100_000_000)
    }

    @Test func aTrialIsUndoneInTimeOrByOrder() throws {
        var bench = try Bench(.huaweiVRP)
        try bench.say(change + ["commit trial 60"])
        bench.pass(seconds: 60)
        try bench.say("display clock")
        #expect(try bench.device.shapedRates["GigabitEthernet0/1/1"] == 50_000_000)
        bench = try bench.another()
        try bench.say(change + ["commit trial", "abort trial", "y"])
        #expect(try bench.device.shapedRates["GigabitEthernet0/1/1"] == 50_000_000)
        #expect(try bench.say("commit trial 59").contains("Error: Unrecognized command found at '^' position."))
    }
}
