import ConsoleDevices
import Testing

@Suite struct FaultTests {
    private func eos(_ set: (inout ConsoleFaults) -> Void) throws -> Bench {
        var faults = ConsoleFaults()
        set(&faults)
        return try Bench(.aristaEOS, faults: faults)
    }

    private func xr(_ set: (inout ConsoleFaults) -> Void) throws -> Bench {
        var faults = ConsoleFaults()
        set(&faults)
        return try Bench(.ciscoIOSXR, faults: faults)
    }

    @Test func aSlowDeviceSpreadsWhatItSays() throws {
        var bench = try eos { $0.bytesPerSecond = 100 }
        let effects = try bench.type("show version\r")
        #expect(effects.text.contains("4.30.3M"))
        let said = effects.text.utf8.count
        let waited = effects.map { if case .wait(let milliseconds) = $0 { milliseconds } else { 0 } }.reduce(0, +)
        #expect(abs(waited - said * 10) < 100)
        bench = try eos { $0.delayPerCommand = 700 }
        #expect(try bench.type("show version\r").contains(.wait(milliseconds: 700)))
    }

    @Test func aStalledDeviceSaysNothingMoreAndHoldsTheLine() throws {
        var bench = try eos { $0.stallAfterBytes = 20 }
        let effects = try bench.type("show version\r")
        #expect(effects.last == .stall)
        #expect((bench.greeting + effects.text).utf8.count == 20)
        #expect(try bench.type("show version\r") == [])
    }

    @Test func theSessionDropsAtACommand() throws {
        var bench = try eos {
            $0.dropAtCommand = 2
            $0.dropTimes = 1
        }
        try bench.say("show version")
        let effects = try bench.type("show version\r")
        #expect(effects.text == "show version\r\n")
        #expect(effects.hangsUp)
        var other = try bench.another()
        try other.say("show version")
        #expect(try other.say("show version").contains("4.30.3M"))
    }

    @Test(arguments: [ConsoleFaults.Side.before, .after]) func theSessionDropsWithinACommit(_ side: ConsoleFaults.Side)
        throws
    {
        var bench = try xr { $0.dropInCommit = side }
        try bench.say(["configure", "hostname other"])
        let effects = try bench.type("commit confirmed 60\r")
        #expect(effects.hangsUp)
        #expect(effects.text == "commit confirmed 60\r\n")
        #expect(try bench.device.hostname == (side == .before ? "edge-1" : "other"))
        #expect((try bench.device.pending != nil) == (side == .after))
    }

    @Test func aLineIsRefusedOrLost() throws {
        var bench = try xr {
            $0.refuse = ["description"]
            $0.swallow = ["shape average"]
        }
        try bench.say("configure")
        #expect(try bench.say("interface GigabitEthernet0/0/0/0 description x").contains("% Invalid input"))
        #expect(!(try bench.say(["policy-map SHAPE", "class class-default", "shape average 9 mbps"]).contains("%")))
        try bench.say(["commit"])
        #expect(try bench.device.shapedRates["GigabitEthernet0/0/0/0"] == 50_000_000)
    }

    @Test func commitsFailWithNothingChanged() throws {
        for platform in [ConsolePlatform.ciscoIOSXR, .juniperJunos] {
            var faults = ConsoleFaults()
            faults.commitFails = true
            var bench = try Bench(platform, faults: faults)
            let change = platform == .juniperJunos ? "set system host-name other" : "hostname other"
            let answer = try bench.say(["configure", change, "commit"])
            #expect(answer.contains("rror") || answer.contains("% Failed to commit"))
            #expect(try bench.device.hostname == "edge-1")
        }
    }

    @Test func pagingCannotBeTurnedOff() throws {
        let memory = MemoryDevice(Bench.device(.aristaEOS))
        memory.faults.pagingStays = true
        var bench = try Bench(at: memory, memory: memory, height: 10)
        try bench.say(["enable", "enable"])
        #expect(try bench.say("terminal length 0").contains("Pagination disabled."))
        #expect(try bench.say("show running-config").hasSuffix(" --More-- "))
    }

    @Test func anUnexpectedQuestionHoldsTheCommandUp() throws {
        var bench = try xr { $0.unexpectedQuestion = 1 }
        #expect(try bench.say("show version").hasSuffix("Continue? [y/n]: "))
        #expect(try bench.say("y").contains("7.5.2"))
        bench = try xr { $0.unexpectedQuestion = 1 }
        try bench.say("show version")
        #expect(!(try bench.say("show version").contains("7.5.2")))
    }

    @Test func linesOfTheLogAndPromptsComeBetween() throws {
        var bench = try eos { $0.syslog = .prompt }
        #expect(
            bench.greeting.hasSuffix(
                "edge-1>\r\n*Nov 26 17:00:00.123: %SYS-5-CONFIG_I: Configured from console by monitor on vty7\r\n"))
        bench = try eos { $0.syslog = .output }
        let lines = try bench.say("show version").split(separator: "\r\n")
        #expect(lines.contains { $0.contains("%SYS-5-CONFIG_I") })
        #expect(lines.last == "edge-1>")
        bench = try eos { $0.promptInOutput = true }
        #expect(try bench.say("show version").split(separator: "\r\n").filter { $0 == "edge-1>" }.count == 2)
    }

    @Test func theNameAndTheBytesAreWrong() throws {
        #expect(try eos { $0.hostname = "edge-9" }.greeting == "edge-9>")
        var bench = try eos { $0.garbage = true }
        let bytes = try bench.type("show version\r").flatMap {
            if case .send(let bytes) = $0 { bytes } else { [UInt8]() }
        }
        #expect(bytes.contains(0xFF))
        bench = try eos { $0.wrapEcho = 20 }
        #expect(try bench.type("show running-config").text.contains(" \r"))
    }

    @Test func theRightPasswordIsCalledWrong() throws {
        var bench = try eos { $0.wrongPasswords = 1 }
        #expect(try bench.say(["enable", "enable"]).contains("% Bad secret"))
        #expect(try bench.say(["enable", "enable"]).hasSuffix("edge-1#"))
    }

    @Test func aTimerRefusesToArmAndNothingIsChanged() throws {
        for (platform, lines) in [
            (ConsolePlatform.ciscoIOSXR, ["configure", "hostname other", "commit confirmed 60"]),
            (.aristaEOS, ["enable", "enable", "configure session s", "hostname other", "commit timer 00:01:00"]),
            (.juniperJunos, ["configure", "set system host-name other", "commit confirmed 1"]),
            (.ciscoIOSXE, ["enable", "enable", "configure terminal revert timer 1"]),
        ] {
            var faults = ConsoleFaults()
            faults.timerRefuses = true
            var bench = try Bench(platform, faults: faults)
            let answer = try bench.say(lines)
            #expect(
                answer.contains("not be") || answer.contains("ould not") || answer.contains("Unable"),
                "\(platform): \(answer)")
            #expect(try bench.device.hostname == "edge-1")
            #expect(try bench.device.pending == nil)
        }
    }

    @Test func othersEditMeanwhileAndInTheWindow() throws {
        var bench = try eos {
            $0.foreignEdits = [.init(atCommand: 3, lines: ["interface Ethernet2", " description theirs"])]
        }
        try bench.say(["enable", "enable", "show version"])
        #expect(!(try bench.running.contains("theirs")))
        try bench.say("show version")
        #expect(try bench.running.contains("   description theirs"))

        var faults = ConsoleFaults()
        faults.foreignEdits = [.init(inWindow: ["set system domain-name theirs"])]
        var junos = try Bench(.juniperJunos, faults: faults)
        try junos.say(["configure", "set system host-name other", "commit confirmed 1"])
        // Their commit confirmed ours.
        #expect(try junos.device.pending == nil)
        #expect(try junos.running.contains("domain-name theirs;"))
        faults.foreignEdits = [.init(atCommand: 2, lines: ["set system domain-name theirs"], uncommitted: true)]
        junos = try Bench(.juniperJunos, faults: faults)
        #expect(try junos.say(["configure", "show | compare"]).contains("+   domain-name theirs;"))
    }
}
