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

    private let scheduling = [
        "configure terminal", "scheduler job name back", "rollback running-config checkpoint before atomic", "exit",
        "scheduler schedule name back", "job name back", "time start 2026:11:26:15:05", "exit", "checkpoint before",
        "policy-map type queuing SHAPE", "class type queuing c-out-8q-q-default", "shape min 0 kbps max 100 mbps",
        "end",
    ]

    @Test func aJobRunsAtItsTimeOfDayAndOnce() throws {
        var bench = try Bench(.ciscoNXOS)
        try bench.say(scheduling)
        #expect(try bench.say("show clock").contains("15:00:00.000 UTC Thu Nov 26 2026\r\nTime source is NTP"))
        let waiting = try bench.say("show scheduler schedule name back")
        #expect(waiting.contains("Schedule Type       : Run once on Thu Nov 26 15:05:00 2026"))
        #expect(waiting.contains("Last Execution Time : Yet to be executed"))
        #expect(try bench.say("show scheduler job").contains("Job Name: back\r\n"))
        #expect(
            try bench.say("show running-config").contains(
                "scheduler job name back\r\n  rollback running-config checkpoint before atomic\r\n\r\nend-job\r\n"))
        bench.pass(seconds: 299)
        #expect(try bench.say("show scheduler schedule").contains("Yet to be executed"))
        #expect(try bench.device.shapedRates["Ethernet1/1"] == 100_000_000)
        #expect(try bench.device.isArmed)
        bench.pass(seconds: 1)
        #expect(
            try bench.say("show scheduler schedule").contains("Last Execution Time : Thu Nov 26 15:05:00 2026"))
        #expect(try bench.device.shapedRates["Ethernet1/1"] == 50_000_000)
        #expect(try !bench.device.isArmed)
        try bench.say([
            "configure terminal", "interface Ethernet1/1", "description later", "end",
        ])
        bench.pass(seconds: 86_400)
        #expect(try bench.say("show running-config").contains("description later"))
    }

    @Test func aScheduleGoesByTheClockOfTheDevice() throws {
        var bench = try Bench(.ciscoNXOS)
        try bench.say(scheduling)
        // Set back by an hour: it comes an hour later.
        bench.memory?.faults.clockOffset = -3600
        #expect(try bench.say("show clock").contains("14:00:00.000 UTC"))
        bench.pass(seconds: 3899)
        #expect(try bench.say("show scheduler schedule").contains("Yet to be executed"))
        bench.pass(seconds: 1)
        #expect(try bench.say("show scheduler schedule").contains("Success (0)"))
        #expect(try bench.device.shapedRates["Ethernet1/1"] == 50_000_000)
        // Set ahead: it comes at once.
        bench = try Bench(.ciscoNXOS)
        try bench.say(scheduling)
        bench.memory?.faults.clockOffset = 86_400
        #expect(try bench.say("show scheduler schedule").contains("Success (0)"))
        #expect(try bench.device.shapedRates["Ethernet1/1"] == 50_000_000)
        // A time that is over when it is given never comes.
        bench = try Bench(.ciscoNXOS)
        bench.pass(seconds: 301)
        try bench.say(scheduling)
        bench.pass(seconds: 86_400)
        #expect(try bench.say("show scheduler schedule").contains("Yet to be executed"))
    }

    @Test func theSchedulerIsAFeatureAndItsTimesAreChecked() throws {
        var bench = try Bench(.ciscoNXOS)
        #expect(try bench.say("show feature").contains("scheduler             1         enabled"))
        let answer = try bench.say([
            "configure terminal", "scheduler schedule name x", "time start 2026:02:30:10:00",
        ])
        #expect(answer.contains("% Invalid command at '^' marker."))
        #expect(try bench.say(["exit", "no scheduler schedule name x"]) == "edge-1(config)# ")
        #expect(try bench.say(["no feature scheduler", "scheduler job name x"]).contains("% Invalid command"))
        #expect(try bench.say("show scheduler schedule").contains("% Invalid command"))
        #expect(try bench.say("show feature").contains("scheduler             1         disabled"))
        // A restart forgets what was not saved.
        #expect(try bench.say(["end", "reload", "y"]) != "edge-1(config)# ")
        #expect(try bench.device.runningText.contains("feature scheduler"))
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
