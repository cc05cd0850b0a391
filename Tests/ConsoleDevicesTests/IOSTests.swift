import ConsoleDevices
import Testing

@Suite struct IOSTests {
    private func privileged(_ faults: ConsoleFaults = ConsoleFaults()) throws -> Bench {
        var bench = try Bench(.ciscoIOSXE, faults: faults)
        try bench.say(["enable", "enable"])
        return bench
    }

    @Test func aSessionBeginsUnprivilegedAndEnablesWithAPassword() throws {
        var bench = try Bench(.ciscoIOSXE)
        #expect(bench.greeting == "edge-1>")
        #expect(try bench.say("show running-config").contains("% Invalid input detected at '^' marker."))
        #expect(try bench.say("enable") == "Password: ")
        // The password is not shown.
        #expect(try bench.type("enable\r").text == "\r\nedge-1#")
    }

    @Test func threeWrongPasswordsAreBadSecrets() throws {
        var bench = try Bench(.ciscoIOSXE)
        try bench.say("enable")
        #expect(try bench.say("x").hasSuffix("Password: "))
        #expect(try bench.say("y").hasSuffix("Password: "))
        #expect(try bench.say("z").contains("% Bad secrets"))
    }

    @Test func theCaretStandsBeneathTheWordThatIsWrong() throws {
        var bench = try privileged()
        try bench.say(["configure terminal", "interface GigabitEthernet0/0/1"])
        let answer = try bench.say("bandwidth fast")
        #expect(answer.hasPrefix(String(repeating: " ", count: "edge-1(config-if)#bandwidth ".count) + "^\r\n"))
        #expect(try bench.say("bandwidth").contains("% Incomplete command."))
        #expect(try bench.say("s").contains("% Ambiguous command:  \"s\""))
    }

    @Test func linesAreInForceAtOnceAndModesNest() throws {
        var bench = try privileged()
        #expect(try bench.say("conf t").contains("Enter configuration commands, one per line.  End with CNTL/Z."))
        #expect(try bench.say("policy-map SHAPE") == "edge-1(config-pmap)#")
        #expect(try bench.say("class class-default") == "edge-1(config-pmap-c)#")
        #expect(try bench.say("shape average 100000000") == "edge-1(config-pmap-c)#")
        #expect(
            try bench.device.shapedRates == ["GigabitEthernet0/0/1": 100_000_000, "GigabitEthernet0/0/2": 100_000_000])
        // A line of the first level leaves the places that were entered.
        #expect(try bench.say("interface gi0/0/1") == "edge-1(config-if)#")
        try bench.say(["description to the core", "no bandwidth", "shutdown"])
        #expect(try bench.say("end") == "edge-1#")
        #expect(
            try bench.say("show running-config interface GigabitEthernet0/0/1").contains(
                """
                interface GigabitEthernet0/0/1\r
                 description to the core\r
                 ip address 192.0.2.1 255.255.255.252\r
                 shutdown\r
                 service-policy output SHAPE\r
                end
                """))
    }

    @Test func aPolicyThatIsNotThereCannotBeAttached() throws {
        var bench = try privileged()
        let answer = try bench.say(["conf t", "interface gi0/0/1", "service-policy output NOPE"])
        #expect(answer.contains("% policy map NOPE not configured"))
        #expect(try bench.running.contains(" service-policy output SHAPE"))
        #expect(try bench.say("no interface GigabitEthernet0/0/1").contains("not permitted"))
    }

    @Test func theTimerBringsBackWhatWasBeforeEditing() throws {
        var bench = try privileged()
        let before = try bench.running
        #expect(
            try bench.say("configure terminal revert timer 2").contains(
                "Rollback Confirmed Change: Backing up current running config to flash:archive-"))
        try bench.say(["interface gi0/0/1", "description changed", "end"])
        #expect(try bench.say("show archive config rollback timer").contains("Timer value: 2 min"))
        bench.pass(seconds: 119)
        #expect(try bench.say("show running-config").contains("description changed"))
        bench.pass(seconds: 1)
        #expect(!(try bench.say("show running-config").contains("description changed")))
        #expect(try bench.running == before)
        #expect(try bench.say("show archive config rollback timer").contains("%No Rollback Confirmed Change pending"))
    }

    @Test func confirmingKeepsAndRevertingNowPutsBack() throws {
        var bench = try privileged()
        try bench.say(["configure terminal revert timer 1", "interface gi0/0/1", "description kept", "end"])
        #expect(try bench.say("configure confirm") == "edge-1#")
        bench.pass(seconds: 600)
        #expect(try bench.say("show running-config | include description kept") == " description kept\r\nedge-1#")
        #expect(try bench.say("configure confirm").contains("%No Rollback Confirmed Change pending"))

        try bench.say(["configure terminal revert timer 1", "interface gi0/0/1", "description lost", "end"])
        #expect(try bench.say("configure revert now").contains("Rollback Done"))
        #expect(try bench.running.contains("description kept"))
    }

    @Test func theTimerCanBeSetAnewAndOutlivesItsSession() throws {
        var bench = try privileged()
        try bench.say(["configure terminal revert timer 1", "interface gi0/0/1", "description lost", "end"])
        try bench.say("configure revert timer 5")
        try bench.terminal.close(at: bench.now)
        bench.pass(seconds: 299)
        var other = try bench.another()
        #expect(try other.running.contains("description lost"))
        other.pass(seconds: 1)
        _ = try other.say("show clock")
        #expect(!(try other.running.contains("description lost")))
    }

    @Test func withoutAnArchiveThereIsNoTimer() throws {
        var bench = try privileged()
        try bench.say(["conf t", "no archive", "end"])
        #expect(try bench.say("configure terminal revert timer 5").contains("%Please turn config archive on"))
        #expect(try bench.device.pending == nil)
    }

    @Test func aFileIsPutInForceWithOrWithoutATimer() throws {
        var bench = try privileged()
        #expect(try bench.say("copy running-config flash:before") == "Destination filename [before]? ")
        try bench.say("")
        try bench.say(["conf t", "interface gi0/0/2", "description changed", "end"])
        #expect(try bench.say("show archive config differences flash:before").contains("-description changed") == false)
        let differences = try bench.say("show archive config differences flash:before")
        #expect(
            differences.contains("interface GigabitEthernet0/0/2\r\n- description changed\r\n+ description customer 2"))
        #expect(try bench.say("configure replace flash:before").hasSuffix("proceed. ? [no]: "))
        #expect(try bench.say("").contains("Rollback aborted"))
        #expect(try bench.say("configure replace flash:before force time 3").contains("Rollback Done"))
        #expect(try bench.running.contains("description customer 2"))
        bench.pass(seconds: 180)
        try bench.say("show clock")
        #expect(try bench.running.contains("description changed"))
    }

    @Test func savingAsksForTheFile() throws {
        var bench = try privileged()
        try bench.say(["conf t", "ntp server 10.9.9.9", "end"])
        #expect(try bench.say("copy running-config startup-config") == "Destination filename [startup-config]? ")
        #expect(!(try bench.device.startup == bench.device.running))
        #expect(try bench.say("").contains("[OK]"))
        #expect(try bench.device.startup == bench.device.running)
    }

    @Test func aScheduledReloadBringsTheStartupConfigurationAndEndsSessions() throws {
        var bench = try privileged()
        try bench.say(["conf t", "ntp server 10.9.9.9", "end"])
        #expect(try bench.say("reload in 5") == "\r\nSystem configuration has been modified. Save? [yes/no]: ")
        #expect(try bench.say("maybe").contains("% Please answer 'yes' or 'no'."))
        #expect(try bench.say("no").hasSuffix("Proceed with reload? [confirm]"))
        #expect(try bench.type("\r").text == "\r\nedge-1#")
        #expect(try bench.say("show reload").contains("(in 5 minutes)"))
        #expect(try bench.say("reload cancel").contains("SHUTDOWN ABORTED"))
        try bench.say(["reload in 5", "no"])
        _ = try bench.type("y")
        bench.pass(seconds: 300)
        #expect(try bench.terminal.tick(at: bench.now).hangsUp)
        #expect(!(try bench.running.contains("10.9.9.9")))
    }

    @Test func aQuestionMarkAsksForHelpEvenWithinADescription() throws {
        var bench = try privileged()
        try bench.say(["conf t", "interface gi0/0/1"])
        #expect(try bench.type("description who?").text.hasSuffix("edge-1(config-if)#description who"))
        try bench.say("")
        #expect(try bench.running.contains("description who\n"))
    }

    @Test func anExecChannelRunsOneCommandWithItsStatus() throws {
        let memory = MemoryDevice(Bench.device(.ciscoIOSXE))
        var terminal = try ConsoleTerminal(memory, hasTerminal: false)
        let effects = try terminal.execute("show archive", at: Bench.start)
        #expect(effects.text.hasPrefix("The maximum archive configurations allowed is 10."))
        #expect(effects.last == .hangUp(status: 0))
        var other = try ConsoleTerminal(memory, hasTerminal: false)
        #expect(try other.execute("show nonsense", at: Bench.start).last == .hangUp(status: 1))
        #expect(memory.device.sessions.isEmpty)
    }
}
