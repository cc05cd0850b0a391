import DeviceDrivers
import RolloutEngine
import Testing

/// Plays a device: what it prints, cut into pieces of any size, and a silence after it.
struct PlayedTerminal {
    var conversation: Conversation
    var sent: [UInt8] = []
    var pieceSize = 7

    init(_ platform: PlatformName, outputLimit: Int = 1 << 20) throws {
        let definition = try #require(try PlatformLibrary().definition(named: platform))
        conversation = Conversation(KeptDefinition(definition), outputLimit: outputLimit)
    }

    var sentText: String { String(decoding: sent, as: UTF8.self) }

    /// The device prints; gives how the command ended, if it did.
    mutating func prints(_ text: String, silence: Bool = true) -> Conversation.Effect? {
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceSize) {
            let piece = Array(bytes[start..<min(bytes.count, start + pieceSize)])
            if let end = take(conversation.handle(.bytes(piece))) { return end }
        }
        return silence ? take(conversation.handle(.silence)) : nil
    }

    mutating func asks(_ command: String, hasSecret: Bool = false, weight: Conversation.Weight = .concluded) throws {
        _ = take(try conversation.ask(command, hasSecret: hasSecret, weight: weight))
    }

    private mutating func take(_ effects: [Conversation.Effect]) -> Conversation.Effect? {
        var end: Conversation.Effect?
        for effect in effects {
            switch effect {
            case .send(let bytes): sent += bytes
            case .listen: break
            case .sendSecret: sent += Array("<secret>".utf8)
            case .done, .fail: end = effect
            }
        }
        return end
    }
}

extension Conversation.Effect? {
    var answer: Conversation.Answer? { if case .done(let answer) = self { answer } else { nil } }
    var failure: Conversation.Failure? { if case .fail(let failure) = self { failure } else { nil } }
}

@Suite("Conversations with command lines")
struct ConversationTests {
    @Test("login, a command, its answer", arguments: [1, 2, 3, 7, 64, 4096])
    func plain(_ size: Int) throws {
        var device = try PlayedTerminal("arista_eos")
        device.pieceSize = size
        let login = device.prints("Last login: Thu Nov 26 from 192.0.2.1\r\n\r\nsw1>")
        #expect(login.answer?.mode == "login")
        #expect(device.conversation.hostname == "sw1")
        try device.asks("show version")
        #expect(device.sentText == "show version\n")
        let end = device.prints("show version\r\nArista DCS-7050\r\nSerial number: X1\r\n\r\nsw1>")
        #expect(end.answer?.lines == ["Arista DCS-7050", "Serial number: X1"])
        #expect(end.answer?.mode == "login")
        #expect(end.answer?.complaint == nil)
    }

    @Test("a prompt inside output is output, also when the device pauses right behind it")
    func promptInOutput() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1#")
        try device.asks("show running-config")
        #expect(device.prints("show running-config\r\nbanner motd ^C\r\nr1#", silence: false) == nil)
        #expect(device.prints("\r\nr1>\r\nr2#\r\n^C\r\n", silence: false) == nil)
        // Another device's prompt, even at the very end and in silence, is no prompt of ours.
        #expect(device.prints("r2#") == nil)
        #expect(device.prints("\r\nend\r\n\r\nr1#").answer?.lines.suffix(2) == ["r2#", "end"])
    }

    @Test("a Junos device without a name shows its user alone; one with a name never does")
    func nameless() throws {
        var device = try PlayedTerminal("juniper_junos")
        #expect(device.prints("--- JUNOS 21.2R3 built 2022-01-02\r\n\r\nadmin> ").answer?.mode == "operational")
        #expect(device.conversation.hostname == "")
        try device.asks("show version")
        #expect(device.prints("show version \r\nModel: vmx\r\n\r\nadmin> ").answer?.lines == ["Model: vmx"])
        var named = try PlayedTerminal("juniper_junos")
        _ = named.prints("admin@mx1> ")
        try named.asks("file show notes")
        #expect(named.prints("file show notes \r\nadmin> ") == nil)
        #expect(named.prints("\r\n\r\nadmin@mx1> ").answer?.lines == ["admin>"])
    }

    @Test("a prompt counts only after a silence")
    func silence() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1#")
        try device.asks("show clock")
        #expect(device.prints("show clock\r\n12:00\r\nr1#", silence: false) == nil)
        #expect(device.prints("").answer?.lines == ["12:00"])
    }

    @Test("behind a command that should say nothing and does, no silence is waited for", arguments: [1, 7, 4096])
    func proved(_ size: Int) throws {
        var ios = try PlayedTerminal("cisco_iosxe")
        ios.pieceSize = size
        _ = ios.prints("r1(config)#")
        try ios.asks("interface Gi1", weight: .proved)
        #expect(ios.prints("interface Gi1\r\nr1(config-if)#", silence: false).answer?.mode == "config")
        // The prompt is proved by the next echo behind it.
        try ios.asks("show clock")
        #expect(ios.prints("show clock\r\n12:00\r\nr1(config-if)#", silence: false) == nil)
        #expect(ios.prints("").answer?.lines == ["12:00"])
        var junos = try PlayedTerminal("juniper_junos")
        junos.pieceSize = size
        _ = junos.prints("[edit]\r\nadmin@mx1# ")
        try junos.asks("set system ntp", weight: .proved)
        #expect(junos.prints("set system ntp\r\n\r\n[edit]\r\nadmin@mx1# ", silence: false).answer?.lines == [])
    }

    @Test("a command that should say nothing and does not is waited for like any other", arguments: [1, 7, 4096])
    func unproved(_ size: Int) throws {
        for said in ["% Invalid input\r\n", "r1(config)#\r\n", "*Nov 26 12:00:01.123: %SYS-5-CONFIG_I: Configured\r\n"]
        {
            var device = try PlayedTerminal("cisco_iosxe")
            _ = device.prints("r1(config)#")
            try device.asks("shape 5", weight: .proved)
            device.pieceSize = size
            // A prompt that is the first line of output and is cut behind it is found out by the next echo, below.
            if said.hasPrefix("r1"), size < said.utf8.count { continue }
            #expect(device.prints("shape 5\r\n\(said)r1(config)#", silence: false) == nil, "\(said)")
            #expect(device.prints("").answer?.mode == "config")
        }
        // Nor does what follows count before its echo.
        for (late, isWell) in [("\r\n% Late complaint\r\nr1(config)#", false), ("\r\nr1(config)#", true)] {
            var device = try PlayedTerminal("cisco_iosxe")
            _ = device.prints("r1(config)#")
            try device.asks("shape 5", weight: .proved)
            #expect(device.prints("shape 5\r\nr1(config)#", silence: false).answer != nil)
            try device.asks("end", weight: .proved)
            let end = device.prints("\(late)end\r\nr1#")
            #expect(isWell ? end.answer?.mode == "privileged" : end.failure?.code == .garbledOutput)
        }
    }

    @Test(
        "behind a command of which nobody reads what it says, no silence is waited for, but behind its mistakes no less is said"
    )
    func unread() throws {
        var device = try PlayedTerminal("arista_eos")
        _ = device.prints("leaf-1#")
        try device.asks("terminal length 0", weight: .unread)
        let set = device.prints("terminal length 0\r\nPagination disabled.\r\nleaf-1#", silence: false)
        #expect(set.answer?.complaint == nil && set.answer?.mode == "privileged")
        try device.asks("terminal width 511", weight: .unread)
        let refused = device.prints("terminal width 511\r\n% Invalid input\r\nleaf-1#", silence: false)
        #expect(refused.answer?.complaint == "% Invalid input")
        // What comes behind the prompt and before the next echo is not taken for an answer to that.
        try device.asks("show hostname")
        #expect(device.prints("Width is 511\r\nleaf-1#").failure?.code == .garbledOutput)
    }

    @Test("what was typed must come back letter by letter")
    func echo() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1#")
        try device.asks("shape average 500000000")
        let end = device.prints("shape average 50000000\r\nr1#")
        #expect(end.failure?.code == .garbledOutput)
        #expect(end.failure?.message.contains("shape average 500000000") == true)
    }

    @Test("echoes that are wrapped, prompted anew, or preceded by log messages are echoes")
    func unusualEchoes() throws {
        for echo in [
            "*Nov 26 12:00:01.123: %SYS-5-CONFIG_I: Configured from console\r\nr1#show clock\r\n",
            "\r\nshow clock\r\n", "\rr1#show clock\r\n", "sho\r\nw clock\r\n", "show \r\nclock\r\n",
            "xhow\u{8}\u{8}\u{8}\u{8}show clock\r\n",
        ] {
            var device = try PlayedTerminal("cisco_iosxe")
            _ = device.prints("r1#")
            try device.asks("show clock")
            #expect(device.prints(echo + "12:00\r\nr1#").answer?.lines == ["12:00"], "\(echo)")
        }
    }

    @Test("log messages are no answer and no mistake")
    func chatter() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1#")
        try device.asks("configure terminal")
        let end = device.prints(
            "configure terminal\r\nEnter configuration commands, one per line.  End with CNTL/Z.\r\n"
                + "*Nov 26 12:00:01.123: %LINK-3-UPDOWN: Interface Gi1, changed state\r\nr1(config)#")
        #expect(end.answer == Conversation.Answer(lines: [], mode: "config"))
    }

    @Test(
        "the pager is answered with a space and leaves nothing behind",
        arguments: ["\r         \r", "\u{8}\u{8} \u{8}\u{8}", ""])
    func pager(_ wipe: String) throws {
        var device = try PlayedTerminal("cisco_iosxe")
        device.pieceSize = 500
        _ = device.prints("r1#")
        try device.asks("show run")
        #expect(device.prints("show run\r\nline 1\r\n --More-- ", silence: false) == nil)
        #expect(device.sentText.hasSuffix("\n "))
        let wiped =
            wipe == "\u{8}\u{8} \u{8}\u{8}"
            ? String(repeating: "\u{8}", count: 10) + "          "
                + String(repeating: "\u{8}", count: 10) : wipe
        #expect(device.prints("\(wiped)line 2\r\nline 3\r\nr1#").answer?.lines == ["line 1", "line 2", "line 3"])
        #expect(device.sentText.count(where: { $0 == " " }) == 2)
    }

    @Test("a mistake is told with its line, and the conversation goes on")
    func complaint() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1(config)#")
        try device.asks("conifgure")
        let end = device.prints("conifgure\r\n   ^\r\n% Invalid input detected at '^' marker.\r\n\r\nr1(config)#")
        #expect(end.answer?.complaint?.contains("% Invalid input detected") == true)
        try device.asks("end")
        #expect(device.prints("end\r\nr1#").answer?.mode == "privileged")
    }

    @Test("only questions of the definition are answered")
    func questions() throws {
        var device = try PlayedTerminal("cisco_iosxr")
        _ = device.prints("RP/0/RP0/CPU0:r1(config)#")
        try device.asks("commit")
        #expect(
            device.prints(
                "commit\r\nOne or more commits have occurred from other configuration sessions\r\n"
                    + "Do you wish to proceed with this commit anyway? [no]: ") == nil)
        #expect(device.sentText.hasSuffix("commit\nno\n"))
        #expect(
            device.prints("no\r\nRP/0/RP0/CPU0:r1(config)#").answer?.failure?.contains("another session committed")
                == true)
        try device.asks("reload")
        let end = device.prints("reload\r\nProceed with reload? [confirm]")
        #expect(end.failure?.code == .refused)
        #expect(end.failure?.message.contains("Proceed with reload? [confirm]") == true)
        #expect(device.sentText.hasSuffix("reload\n"))
    }

    @Test("passwords are not given away")
    func password() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1>")
        try device.asks("enable")
        #expect(device.prints("enable\r\nPassword: ").failure?.code == .authentication)
    }

    @Test("a password that was given for this is sent once")
    func enablePassword() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1>")
        try device.asks("enable", hasSecret: true)
        #expect(device.prints("enable\r\nPassword: ") == nil)
        #expect(device.sentText == "enable\n<secret>")
        #expect(device.prints("\r\nPassword: ").failure?.code == .authentication)
        #expect(device.sentText == "enable\n<secret>")
    }

    @Test("the prompt behind an accepted password needs no silence, a password that is asked for does")
    func provedPassword() throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1>")
        try device.asks("enable", hasSecret: true, weight: .proved)
        #expect(device.prints("enable\r\nPassword: ", silence: false) == nil)
        #expect(device.sentText == "enable\n")
        #expect(device.prints("") == nil)
        #expect(device.sentText == "enable\n<secret>")
        #expect(device.prints("\r\nr1#", silence: false).answer?.mode == "privileged")
    }

    @Test("prompts of two lines, and the hostname cut short")
    func prompts() throws {
        var junos = try PlayedTerminal("juniper_junos")
        _ = junos.prints("--- JUNOS 21.4R3 ---\r\n{master:0}\r\nadmin@mx1> ")
        try junos.asks("configure exclusive")
        let end = junos.prints(
            "configure exclusive \r\nEntering configuration mode\r\n\r\n{master:0}[edit]\r\nadmin@mx1# ")
        #expect(end.answer == Conversation.Answer(lines: ["Entering configuration mode"], mode: "config"))
        var ios = try PlayedTerminal("cisco_iosxe")
        _ = ios.prints("a-router-with-a-long-name#")
        try ios.asks("configure terminal")
        #expect(ios.prints("configure terminal\r\na-router-with-a-lon(config)#").answer?.mode == "config")
    }

    @Test(
        "what must not be sent is not",
        arguments: ["", "a\nb", "a\u{3}", "shape {{ rate }}", "{% if x %}", String(repeating: "x", count: 600)])
    func unsendable(_ command: String) throws {
        var device = try PlayedTerminal("cisco_iosxe")
        _ = device.prints("r1#")
        #expect(throws: Conversation.Failure.self) { try device.asks(command) }
        #expect(device.sent.isEmpty)
    }

    @Test("deadline, end and floods end it")
    func ends() throws {
        func asked() throws -> PlayedTerminal {
            var device = try PlayedTerminal("cisco_iosxe", outputLimit: 10_000)
            _ = device.prints("r1#")
            try device.asks("show tech")
            return device
        }
        var device = try asked()
        #expect(device.conversation.handle(.deadline).first.failure?.code == .timeout)
        device = try asked()
        #expect(device.conversation.handle(.ended).first.failure?.code == .connectionLost)
        device = try asked()
        #expect(
            device.prints("show tech\r\n" + String(repeating: "x", count: 20_000)).failure?.code == .outputTooLarge)
    }

    @Test("garbage never ends a command and never crashes", arguments: 0..<50 as Range<UInt64>)
    func garbage(_ seed: UInt64) throws {
        var random = SmallRandom(seed)
        var device = try PlayedTerminal("juniper_junos")
        _ = device.prints("admin@mx1> ")
        try device.asks("show version")
        var bytes = (0..<2000).map { _ in UInt8(random.below(256)) }
        bytes.removeAll { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "#") }
        for byte in bytes {
            if case .done? = device.conversation.handle(.bytes([byte])).last { Issue.record("done"); return }
        }
    }
}
