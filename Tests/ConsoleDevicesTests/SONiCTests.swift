import ConsoleDevices
import Testing

@Suite struct SONiCTests {
    @Test func aShellLeadsToTheCommandLineAndBack() throws {
        var bench = try Bench(.sonic)
        #expect(bench.greeting.hasSuffix("admin@edge-1:~$ "))
        #expect(try bench.say("show version").contains("-bash: show: command not found"))
        #expect(try bench.say("sonic-cli -c \"show version\"").contains("HwSKU"))
        #expect(try bench.say("sonic-cli") == "edge-1# ")
        #expect(try bench.say("nothing").contains("%Error: Invalid input detected at \"^\" marker."))
        #expect(try bench.say(["configure terminal", "interface Ethernet 4"]) == "edge-1(conf-if-Ethernet4)# ")
        #expect(try bench.say("qos scheduler-policy GOLD") == "edge-1(conf-sched-policy-GOLD)# ")
        #expect(try bench.say("queue 3") == "edge-1(conf-scheduler-GOLD-queue-3)# ")
        #expect(try bench.say("port") == "edge-1(conf-scheduler-GOLD-port)# ")
        #expect(try bench.say("pir 400000001").contains("%Error: "))
        #expect(try bench.say("pir 100000") == "edge-1(conf-scheduler-GOLD-port)# ")
        #expect(try bench.say("end") == "edge-1# ")
        #expect(try bench.say("exit") == "admin@edge-1:~$ ")
    }

    @Test func aPolicyIsThereBeforeItIsNamedAndAsLongAsItIs() throws {
        var bench = try Bench(.sonic)
        try bench.say(["sonic-cli", "configure terminal", "interface Ethernet4"])
        #expect(try bench.say("scheduler-policy GOLD").contains("%Error: No instance found for 'GOLD'"))
        try bench.say([
            "qos scheduler-policy GOLD", "port", "pir 100000", "interface Ethernet4", "scheduler-policy GOLD",
        ])
        #expect(try bench.device.shapedRates["Ethernet4"] == 100_000_000)
        #expect(try bench.say("no qos scheduler-policy GOLD").contains("%Error: Policy GOLD is in use"))
        try bench.say(["interface Ethernet4", "no scheduler-policy"])
        #expect(try bench.device.shapedRates["Ethernet4"] == nil)
        try bench.say("no qos scheduler-policy GOLD")
        #expect(!(try bench.running.contains("GOLD")))
    }

    private let run =
        "sudo -n systemd-run --unit=night --on-active=90 env ROLLOUT=night sonic-cli -c 'configure terminal'"
        + " -c 'interface Ethernet4' -c 'no scheduler-policy'"

    @Test func aTransientTimerRunsOnceAndIsGone() throws {
        var bench = try Bench(.sonic)
        #expect(try bench.say(run).contains("Running timer as unit: night.timer"))
        #expect(try bench.say(run).contains("Unit night.timer already exists"))
        #expect(try bench.say("systemctl list-timers").contains(" 1min 30s left n/a n/a night.timer night.service"))
        #expect(
            try bench.say("systemctl show night.service").contains(
                "argv[]=/usr/bin/env ROLLOUT=night sonic-cli -c configure terminal -c interface Ethernet4"))
        bench.pass(seconds: 89)
        #expect(try bench.say("systemctl list-timers").contains("1s left"))
        #expect(try bench.device.shapedRates["Ethernet4"] == 50_000_000)
        bench.pass(seconds: 1)
        #expect(!(try bench.say("systemctl list-timers").contains("night")))
        #expect(try bench.device.shapedRates["Ethernet4"] == nil)
        #expect(try bench.say("sudo -n systemctl stop night.timer").contains("Unit night.timer not loaded."))
    }

    @Test func aTransientTimerIsStoppedOrRunAtOnceAndDoesNotOutliveARestart() throws {
        var bench = try Bench(.sonic)
        try bench.say([run, "sudo -n systemctl stop night.timer"])
        bench.pass(seconds: 600)
        try bench.say("systemctl list-timers")
        #expect(try bench.device.shapedRates["Ethernet4"] == 50_000_000)
        try bench.say([run, "sudo -n systemctl start night.service"])
        #expect(try bench.device.shapedRates["Ethernet4"] == nil)
        try bench.say(["sonic-cli", "reboot", "y"])
        bench = try bench.another()
        #expect(try bench.say("systemctl list-timers") == "admin@edge-1:~$ ")
        #expect(try bench.device.shapedRates["Ethernet4"] == 50_000_000)
    }
}
