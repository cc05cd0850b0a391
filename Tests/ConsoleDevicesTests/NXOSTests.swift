import ConsoleDevices
import Testing

@Suite struct NXOSTests {
    @Test func aCheckpointBringsBackWhatWas() throws {
        var bench = try Bench(.ciscoNXOS)
        #expect(bench.greeting == "edge-1# ")
        let before = try bench.running
        #expect(try bench.say("checkpoint before").contains("..Done"))
        let answer = try bench.say([
            "configure terminal", "policy-map type queuing SHAPE", "class type queuing c-out-8q-q-default",
            "shape min 0 kbps max 100 mbps",
        ])
        #expect(answer == "edge-1(config-pmap-c-que)# ")
        try bench.say("end")
        #expect(try bench.device.shapedRates["Ethernet1/1"] == 100_000_000)
        let diff = try bench.say("show diff rollback-patch checkpoint before running-config")
        #expect(diff.contains("    shape min 0 kbps max 100 mbps"))
        #expect(
            try bench.say("rollback running-config checkpoint before atomic").contains(
                "Rollback completed successfully."))
        #expect(try bench.running == before)
        #expect(try bench.say("rollback running-config checkpoint nowhere").contains("ERROR: no such checkpoint"))
        #expect(try bench.say("checkpoint before").contains("ERROR"))
        for number in 2...10 { try bench.say("checkpoint number-\(number)") }
        #expect(try bench.say("checkpoint eleventh").contains("ERROR: there are ten"))
        try bench.say("no checkpoint number-2")
        #expect(try bench.say("checkpoint eleventh").contains("..Done"))
    }

    @Test func savingAndErrors() throws {
        var bench = try Bench(.ciscoNXOS)
        try bench.say(["configure", "interface Ethernet1/1", "description changed", "end"])
        #expect(try bench.say("copy r s").contains("Copy complete."))
        #expect(try bench.device.startup == bench.device.running)
        let answer = try bench.say("configure session x")
        #expect(
            answer.contains(
                String(repeating: " ", count: "edge-1# configure ".count) + "^\r\n% Invalid command at '^' marker."))
        #expect(
            try bench.say("show running-config interface Ethernet1/1").contains(
                "interface Ethernet1/1\r\n  description changed"))
    }
}
