import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Testing

@Suite("The driver of command lines, when things go wrong")
struct CLIFaultTests {
    static let platforms = CLIDriverTests.platforms
    /// Those on which each line takes effect at once, behind a timer.
    static let immediate: [ConsolePlatform] = [.ciscoIOSXE, .ciscoNXOS, .mikrotikRouterOS, .sonic]
    /// Those with a candidate.
    static let committing = platforms.filter { !immediate.contains($0) }

    private func life(_ platform: ConsolePlatform, _ faults: ConsoleFaults, pieceSize: Int = 97) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform, pieceSize: pieceSize)
        bench.storage.faults = faults
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
        #expect(!bench.storage.device.isArmed)
    }

    @Test("a pager that stays, log messages and prompts amid output change nothing", arguments: platforms)
    func noise(_ platform: ConsolePlatform) async throws {
        var faults = ConsoleFaults()
        faults.pagingStays = true
        try await life(platform, faults)
        faults = ConsoleFaults()
        faults.promptInOutput = true
        try await life(platform, faults)
        // Each prompt in the output once stands at the end of what has come.
        try await life(platform, faults, pieceSize: 1)
    }

    @Test("wrapped echoes are echoes", arguments: platforms.filter { $0 != .ciscoIOSXE })
    func wrapped(_ platform: ConsolePlatform) async throws {
        var faults = ConsoleFaults()
        faults.wrapEcho = 40
        try await life(platform, faults)
    }

    @Test("a line that IOS scrolls sideways cannot be checked, so nothing is changed")
    func scrolled() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.ciscoIOSXE)
        bench.storage.faults.wrapEcho = 40
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .garbledOutput)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(bench.rate == BitsPerSecond(500_000_000))
    }

    @Test("a line that is refused is named, and nothing of the change stays", arguments: platforms)
    func refused(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        bench.storage.faults.refuse = ["1000000"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("line ") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("1000000") == true)
        bench.storage.faults = ConsoleFaults()
        if Self.committing.contains(platform) {
            #expect(error?.effect == DriverError.Effect.none)
        } else {
            #expect(error?.effect == .possible)
            _ = try await driver.rollBack(order)
        }
        #expect(bench.storage.device.runningText == before)
        #expect(!bench.storage.device.isArmed)
    }

    @Test("a line that is lost is found before it is committed", arguments: committing)
    func lost(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        bench.storage.faults.swallow = ["1000000"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("1000000") == true)
        #expect(bench.storage.device.runningText == before)
        #expect(!bench.storage.device.isArmed)
    }

    @Test("a line that is lost where there is no candidate is found, and taken back", arguments: immediate)
    func lostAtOnce(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        bench.storage.faults.swallow = ["1000000", "max-limit=1G"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(error?.effect == .possible)
        bench.storage.faults = ConsoleFaults()
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
        #expect(!bench.storage.device.isArmed)
    }

    @Test("what else stands in a candidate is found before it is committed")
    func foreignLines() async throws {
        // On EOS a session of our name, left from an attempt that was cut off, with lines that nobody planned.
        let (bench, driver, order) = try await CLIDriverTests.ordered(.aristaEOS)
        let before = bench.storage.device.runningText
        try bench.type([
            "enable", "enable", "configure session \(order.mark)", "interface Ethernet2", "shape rate 7 kbps", "end",
        ])
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(error?.message.contains("shape rate 7 kbps") == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.runningText == before)
        // The session was thrown away: the next attempt has a clean one.
        #expect(try await driver.push(order).config.isEquivalent(to: order.desired))
    }

    /// On EOS the session itself says that it waits, so that a lost timer cannot be played there.
    @Test(
        "a timer that is acknowledged and does not run is found out",
        arguments: platforms.filter { $0 != .aristaEOS })
    func lostTimer(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        bench.storage.faults.timerIsLost = true
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .timerNotArmed, "\(error?.message ?? "")")
        // Where the timer comes before the first line, nothing was changed; elsewhere it is said that something may have been.
        if Self.immediate.contains(platform) {
            #expect(bench.rate == BitsPerSecond(500_000_000))
            bench.storage.faults = ConsoleFaults()
            _ = try await driver.rollBack(order)
            #expect(bench.storage.device.runningText == before)
        } else {
            #expect(error?.effect == .possible)
        }
    }

    @Test("a commit that fails and a timer that is refused leave the device as it was", arguments: platforms)
    func refusals(_ platform: ConsolePlatform) async throws {
        let spoils: [(inout ConsoleFaults) -> Void] = [{ $0.timerRefuses = true }, { $0.commitFails = true }]
        for spoil in spoils {
            var faults = ConsoleFaults()
            spoil(&faults)
            if Self.immediate.contains(platform), faults.commitFails == true { continue }
            let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
            let before = bench.storage.device.runningText
            bench.storage.faults = faults
            let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
            #expect(error?.code == .refused || error?.code == .timerNotArmed)
            #expect(bench.rate == BitsPerSecond(500_000_000))
            bench.storage.faults = ConsoleFaults()
            // What was half made of a job is left for the way back.
            if error?.effect == .possible, Self.immediate.contains(platform) { _ = try await driver.rollBack(order) }
            #expect(bench.storage.device.runningText == before)
            if platform == .vyos, faults.commitFails == true {
                // Its timer comes before the commit and stays when that fails, with nobody's name to it.
                #expect(error?.effect == .possible)
                let foreign = await #expect(throws: DriverError.self) { try await driver.rollBack(order) }
                #expect(foreign?.message.contains("another revert timer is pending: somebody") == true)
                bench.pass(.minutes(6))
                #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
            }
            #expect(!bench.storage.device.isArmed)
        }
    }

    @Test(
        "somebody else's change in the window is found before it is confirmed", arguments: [ConsolePlatform.ciscoIOSXE])
    func foreignEdit(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        bench.storage.faults.foreignEdits = [.init(inWindow: ["ntp server 10.9.9.9"])]
        _ = try await driver.push(order)
        // Our own lines came after it on IOS; theirs come last here.
        var terminal = try ConsoleTerminal(bench.storage, user: "monitor")
        _ = try terminal.open(at: bench.now)
        for line in ["enable", "enable", "configure terminal", "ntp server 10.9.9.8", "end"] {
            _ = try terminal.receive(Array("\(line)\r".utf8), at: bench.now)
        }
        try terminal.close(at: bench.now)
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .interfered)
        #expect(error?.message.contains("monitor") == true)
        #expect(bench.storage.device.isArmed)
    }

    @Test("somebody else's pending timer is not ours to touch", arguments: CLIDriverTests.naming)
    func foreignTimer(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        var other = order
        other.mark = "rollout-999-edge-1"
        _ = try await driver.push(other)
        for call in [driver.push(_:), driver.confirm(_:), driver.rollBack(_:)]
            as [@Sendable (PushOrder) async throws -> Observation]
        {
            let error = await #expect(throws: DriverError.self) { _ = try await call(order) }
            #expect(error?.message.contains("rollout-999-edge-1") == true)
        }
        #expect(bench.storage.device.isArmed)
    }

    @Test("where no commit is taken while ours waits, a change of somebody else's does not get in")
    func refusedEdit() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.nokiaSRLinux)
        bench.storage.faults.foreignEdits = [.init(inWindow: ["set system ntp server 10.9.9.9"])]
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(!bench.storage.device.runningText.contains("10.9.9.9"))
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
    }

    @Test(
        "a commit of somebody else in VyOS's window keeps ours when the timer goes off; the rollback takes only ours back"
    )
    func archivedTogether() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.vyos)
        bench.storage.faults.foreignEdits = [.init(inWindow: ["set service ntp server 10.9.9.9"])]
        _ = try await driver.push(order)
        bench.storage.faults = ConsoleFaults()
        bench.pass(.minutes(6))
        let seen = try await driver.observe(bench.device, scope: order.scope, within: .seconds(20))
        #expect(seen.pendingRevert == nil)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.rate == BitsPerSecond(500_000_000))
        #expect(bench.storage.device.runningText.contains("10.9.9.9"))
    }

    @Test(
        "a VyOS that would go back by a restart, or to an empty archive, is not changed",
        arguments: [
            ("commit-confirm action", "delete system config-management commit-confirm action"),
            ("commit-confirm action", "set system config-management commit-confirm action reboot"),
            ("commit-revisions", "delete system config-management commit-revisions"),
        ])
    func unready(_ what: String, _ line: String) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.vyos)
        try bench.type(["configure", line, "commit", "exit"])
        let before = bench.storage.device.runningText
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .unsupported)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("set system config-management \(what)") == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.runningText == before)
        #expect(bench.storage.device.pending == nil)
    }

    @Test("what an attempt that was cut off left in the candidate of our name on SR Linux is not committed")
    func leftInCandidate() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.nokiaSRLinux)
        try bench.type([
            "enter candidate private name \(order.mark)", "set / interface ethernet-1/2 description nobody-planned",
        ])
        #expect(try await driver.push(order).config.isEquivalent(to: order.desired))
        _ = try await driver.confirm(order)
        #expect(!bench.storage.device.runningText.contains("nobody-planned"))
    }

    @Test("the wire is cut at any command: the device is as it was, or goes back by itself", arguments: platforms)
    func cuts(_ platform: ConsolePlatform) async throws {
        try await Self.push(to: platform) { bench, number in
            bench.storage.faults.dropAtCommand = number
            bench.storage.faults.dropTimes = 1
        }
    }

    /// A reset that arrives before we write, where the device hears nothing of it.
    @Test(
        "no line can be sent any more, at any of them: an error, and the device is as it was, or goes back by itself",
        arguments: platforms)
    func unsent(_ platform: ConsolePlatform) async throws {
        try await Self.push(to: platform) { bench, number in bench.hangUp(atLine: number) }
    }

    /// P2: whatever a cut wire leaves behind, the device is either as it was or goes back by itself.
    ///
    /// - Parameter cutting: Has the wire cut at a command of this number, counted from 1.
    static func push(
        to platform: ConsolePlatform, definedBy definition: PlatformName? = nil,
        _ cutting: (ConsoleBench, Int) -> Void
    ) async throws {
        var wasCut = 0
        for number in 1...60 {
            let (bench, driver, order) = try await CLIDriverTests.ordered(platform, definedBy: definition)
            let before = bench.storage.device.runningText
            cutting(bench, number)
            do throws(DriverError) {
                _ = try await driver.push(order)
                break
            } catch {
                wasCut += 1
                #expect(error.code == .connectionLost, "\(number): \(error)")
                if error.effect == DriverError.Effect.none {
                    #expect(bench.storage.device.runningText == before, "\(number): \(error)")
                    #expect(!bench.storage.device.isArmed, "\(number): \(error)")
                }
            }
            bench.pass(.minutes(6))
            let seen = try await driver.observe(bench.device, scope: order.scope, within: .seconds(20))
            #expect(seen.config.isEquivalent(to: order.base), "cut at command \(number)")
            #expect(seen.pendingRevert == nil)
        }
        #expect(wasCut >= 8)
    }

    @Test("the wire is cut within the commit: asked again, the device says how it is", arguments: platforms)
    func cutInCommit(_ platform: ConsolePlatform) async throws {
        for side in [ConsoleFaults.Side.before, .after] {
            let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
            bench.storage.faults.dropInCommit = side
            bench.storage.faults.dropTimes = 1
            let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
            #expect(error?.effect == .possible)
            bench.pass(.minutes(6))
            #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        }
    }

    /// Those on which one session at a time may change the configuration, with what a push leaves to be done once it was cut off in
    /// its commit: before that took effect, or after.
    @Test(
        "a lock that our own cut-off session still holds is waited out, and says whose it is",
        arguments: [
            (ConsolePlatform.juniperJunos, ConsoleFaults.Side.before), (.juniperJunos, .after), (.ciscoIOSXR, .before),
        ])
    func lockOfOurOwn(_ platform: ConsolePlatform, _ side: ConsoleFaults.Side) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        bench.storage.faults.dropInCommit = side
        bench.storage.faults.dropTimes = 1
        bench.storage.faults.lingers = 20
        let cut = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(cut?.code == .connectionLost)
        let before = bench.storage.device.runningText
        let call = side == .before ? driver.push(_:) : driver.confirm(_:)
        for _ in 0..<3 {
            let error = await #expect(throws: DriverError.self) { _ = try await call(order) }
            #expect(error?.code == .locked, "\(error?.message ?? "")")
            #expect(error?.isTransient == true)
            #expect(error?.effect == DriverError.Effect.none)
            #expect(error?.message.contains("admin") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("perhaps a session of ours") == true, "\(error?.message ?? "")")
            #expect(bench.storage.device.runningText == before)
            bench.pass(.seconds(5))
        }
        bench.pass(.seconds(5))
        if side == .before { #expect(try await driver.push(order).config.isEquivalent(to: order.desired)) }
        #expect(try await driver.confirm(order).pendingRevert == nil)
        #expect(!bench.storage.device.isArmed)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
    }

    @Test("a lock that somebody else holds is named, and nothing is changed until it is given back")
    func lockOfAnother() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.juniperJunos)
        var terminal = try ConsoleTerminal(bench.storage, user: "monitor")
        _ = try terminal.open(at: bench.now)
        _ = try terminal.receive(Array("configure exclusive\r".utf8), at: bench.now)
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("monitor terminal p") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("of ours") == false)
        // What is read needs no lock.
        #expect(try await driver.observe(order.device, scope: order.scope, within: .seconds(20)).pendingRevert == nil)
        try terminal.close(at: bench.now)
        #expect(try await driver.push(order).config.isEquivalent(to: order.desired))
    }

    @Test("a device that stalls, asks what nobody expects or talks garbage ends in an error", arguments: platforms)
    func nonsense(_ platform: ConsolePlatform) async throws {
        for number in [1, 3, 5, 8, 12] {
            let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
            bench.storage.faults.unexpectedQuestion = number
            do throws(DriverError) { _ = try await driver.push(order) } catch {
                #expect([.refused, .garbledOutput, .timeout, .timerNotArmed].contains(error.code), "\(error)")
            }
            bench.storage.faults = ConsoleFaults()
            bench.storage.faults.stallAfterBytes = number * 150
            do throws(DriverError) { _ = try await driver.push(order) } catch {
                #expect([.timeout, .timerNotArmed].contains(error.code), "\(error)")
            }
            bench.storage.faults = ConsoleFaults()
            bench.pass(.minutes(6))
            #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        }
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        bench.storage.faults.garbage = true
        do throws(DriverError) { _ = try await driver.push(order) } catch { _ = error }
        bench.storage.faults = ConsoleFaults()
        bench.pass(.minutes(6))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
    }
}
