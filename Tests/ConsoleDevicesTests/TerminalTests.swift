import ConsoleDevices
import Testing

@Suite struct TerminalTests {
    private func privileged(height: Int = 0, width: Int = 80) throws -> Bench {
        var bench = try Bench(.ciscoIOSXE, width: width, height: height)
        try bench.say(["enable", "enable"])
        return bench
    }

    @Test func whatIsTypedIsEchoedAndCanBeCorrected() throws {
        var bench = try privileged()
        #expect(try bench.type("shw\u{8}ow").text == "shw\u{8} \u{8}ow")
        #expect(try bench.type("\u{15}").text == String(repeating: "\u{8} \u{8}", count: 4))
        #expect(try bench.type("show nonsense\u{3}").text.hasSuffix("^C\r\nedge-1#"))
        // A return with a line feed is one return, as is each alone.
        #expect(try bench.type("\r\n").text == "\r\nedge-1#")
        #expect(try bench.type("\n").text == "\r\nedge-1#")
        #expect(try bench.type("\u{1B}[Ashow clock\r").text.contains("UTC"))
    }

    @Test func longOutputWaitsBelowEachPage() throws {
        var bench = try privileged(height: 10)
        let first = try bench.say("show running-config")
        #expect(first.hasSuffix(" --More-- "))
        #expect(first.split(separator: "\r\n", omittingEmptySubsequences: false).count == 10)
        // What is typed meanwhile is taken for keys of the pager, and lost.
        #expect(try bench.type("show").text == "")
        let line = try bench.type("\r").text
        #expect(line.hasPrefix("\u{8}"))
        #expect(line.hasSuffix(" --More-- "))
        #expect(try bench.type("q").text.hasSuffix("edge-1#"))
        try bench.say("terminal length 0")
        #expect(try bench.say("show running-config").hasSuffix("end\r\n\r\nedge-1#"))
    }

    @Test func junosPagesInItsOwnWay() throws {
        var bench = try Bench(.juniperJunos, height: 10)
        #expect(try bench.say("show configuration").hasSuffix("---(more)---"))
        _ = try bench.type("q")
        #expect(try bench.say("set cli screen-length 0") == "Screen length set to 0\r\nadmin@edge-1> ")
        #expect(!(try bench.say("show configuration").contains("more")))
        // ^D ends it, but not in the middle of a line.
        #expect(!(try bench.type("show\u{4}").hangsUp))
        #expect(try bench.type("\u{15}\u{4}").hangsUp)
    }

    @Test func aLongLineIsShownAsThePlatformDoes() throws {
        let line = "description " + String(repeating: "x", count: 90)
        var ios = try privileged(width: 80)
        try ios.say(["conf t", "interface gi0/0/1"])
        #expect(try ios.type(line).text.contains("\redge-1(config-if)#$"))
        try ios.say("")
        #expect(try ios.running.contains(line))

        var eos = try Bench(.aristaEOS, width: 80)
        try eos.say(["enable", "enable", "configure", "interface Ethernet1"])
        #expect(try eos.type(line).text.contains("x \rx"))
        try eos.say("")
        #expect(try eos.running.contains(line))
    }

    @Test func theBannerComesFirst() throws {
        var bench = try privileged()
        try bench.say(["conf t", "banner motd ^keep out# ^", "end"])
        #expect(try bench.another().greeting == "\r\nkeep out# \r\nedge-1>")
    }

    @Test(arguments: ConsolePlatform.allCases) func aDeviceComesWithShapedPortsAndKnowsItsName(
        _ platform: ConsolePlatform
    ) throws {
        let device = Bench.device(platform)
        let ports = Bench.ports[platform] ?? []
        #expect(!ports.isEmpty)
        #expect(device.shapedRates == Dictionary(uniqueKeysWithValues: ports.map { ($0, 50_000_000) }))
        #expect(device.hostname == "edge-1")
        #expect(device.startup == device.running)
    }

    @Test func theDeviceKnowsTheDateOfTheMomentItIsTold() throws {
        var bench = try privileged()
        #expect(try bench.say("show clock").hasPrefix("15:00:00.000 UTC Thu Nov 26 2026"))
        // 29 February of a leap year, a second before it ends.
        bench.now = Moment(milliseconds: 1_835_481_599_000)
        #expect(try bench.say("show clock").hasPrefix("23:59:59.000 UTC Tue Feb 29 2028"))
    }

    @Test func aBarWithinADescriptionIsPartOfIt() throws {
        var bench = try privileged()
        try bench.say(["conf t", "interface gi0/0/1", "description a | b", "end"])
        #expect(try bench.say("show running-config | include a [|] b") == "edge-1#")
        #expect(try bench.say("show running-config | include description a") == " description a | b\r\nedge-1#")
        #expect(try bench.say("show running-config | begin ntp").hasPrefix("ntp server 10.0.0.6\r\nend"))
    }
}
