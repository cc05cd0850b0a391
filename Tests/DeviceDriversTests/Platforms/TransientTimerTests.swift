import ConsoleDevices
import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// SONiC: what puts a change back is a transient timer of systemd, made in the shell that `sonic-cli` is started from.
@Suite("Revert timers of the Linux beneath a command line")
struct TransientTimerTests {
    private static let mark = "rollout-217-edge-1"

    @Test("it is made, read back and proved before the first line; nothing of it stays")
    func order() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.sonic)
        let pushed = try await driver.push(order)
        #expect(pushed.pendingRevert?.mark == Self.mark)
        let left = try #require(pushed.pendingRevert?.remaining)
        #expect(left > .minutes(4) && left <= .minutes(5), "\(left)")
        let made = try #require(bench.typed.firstIndex { $0.hasPrefix("sudo -n systemd-run ") })
        let listed = try #require(bench.typed[made...].firstIndex { $0.hasPrefix("systemctl list-timers") })
        let proved = try #require(
            bench.typed[made...].firstIndex { $0.hasPrefix("systemctl show \(Self.mark).service") })
        let first = try #require(bench.typed.firstIndex { $0.hasPrefix("qos scheduler-policy ROLLOUT-Ethernet0") })
        #expect(made < listed && listed < proved && proved < first, "\(bench.typed)")
        #expect(bench.storage.device.startup != bench.storage.device.running)
        _ = try await bench.driver().confirm(order)
        #expect(!bench.storage.device.isArmed)
        #expect(bench.storage.device.startup == bench.storage.device.running)
    }

    @Test("what a real shell hands on of its command is every line back, whatever quotes are in it")
    func quoting() async throws {
        let bench = ConsoleBench(.sonic)
        try bench.type([
            "sonic-cli", "configure terminal", "qos scheduler-policy O'BRIEN$HOME", "port", "pir 500000",
            "interface Ethernet0", "scheduler-policy O'BRIEN$HOME", "end",
        ])
        let (driver, order) = try await CLIDriverTests.order(at: bench)
        _ = try await driver.push(order)
        let typed = try #require(bench.typed.first { $0.hasPrefix("sudo -n systemd-run ") })
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(filePath: "/bin/bash")
        shell.arguments = ["-c", "sudo() { printf '%s\\n' \"$@\"; }\n\(typed)"]
        shell.standardOutput = output
        try shell.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        shell.waitUntilExit()
        let lines = zip(words, words.dropFirst()).filter { $0.0 == "-c" }.map(\.1)
        #expect(
            lines == ["configure terminal", "qos scheduler-policy O'BRIEN$HOME", "port", "pir 500000", "exit", "exit"],
            "\(words)")
        #expect(words.contains("--unit=\(Self.mark)") && words.contains("--on-active=300"))
        bench.pass(.minutes(5))
        #expect(try await bench.isBack(of: order, by: driver))
    }

    @Test("it counts seconds: a clock that was never set, or is set in the window, changes nothing")
    func clock() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.sonic)
        bench.storage.faults.clockOffset = 200 - bench.now.milliseconds / 1000
        _ = try await driver.push(order)
        bench.storage.faults.clockOffset = 7200
        bench.pass(.seconds(299))
        #expect(try await !bench.isBack(of: order, by: driver))
        #expect(bench.rate == ConsoleBench.whole)
        bench.storage.faults.clockOffset = -7200
        bench.pass(.seconds(2))
        #expect(try await bench.isBack(of: order, by: driver))
        #expect(bench.rate == ConsoleBench.half)
    }

    @Test(
        "one that is gone, or that would run nothing, is found out before the first line",
        arguments: [
            ("systemctl list-timers", "none is pending"), ("systemctl show", "would not work"),
        ])
    func hollow(_ before: String, _ words: String) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.sonic)
        // The first time it is asked what is pending there is none yet.
        bench.before("sudo -n systemd-run") { _ in
            bench.before(before) { _ in
                try? bench.type(["sudo -n systemctl stop \(Self.mark).timer"])
            }
        }
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .timerNotArmed)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(bench.rate == ConsoleBench.half && !bench.storage.device.isArmed)
    }

    @Test("its lines take nothing else back: an interface that was not shaped stays, with all that it says")
    func unshaped() async throws {
        let bench = ConsoleBench(.sonic)
        try bench.type(["sonic-cli", "configure terminal", "interface PortChannel1", "mtu 9100", "end"])
        let before = bench.storage.device.runningText
        let (driver, order) = try await CLIDriverTests.order(at: bench, of: ["PortChannel1"])
        _ = try await driver.push(order)
        #expect(bench.storage.device.shapedRates["PortChannel1"] == 1_000_000_000)
        bench.pass(.minutes(5))
        #expect(try await bench.isBack(of: order, by: driver))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a restart in the window brings the base back, and nothing is in the way of the next change")
    func restart() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.sonic)
        let before = bench.storage.device.runningText
        _ = try await driver.push(order)
        try bench.type(["sonic-cli", "reboot", "y"])
        #expect(bench.storage.device.restarts == 1)
        #expect(try await bench.isBack(of: order, by: driver))
        _ = try await driver.rollBack(order)
        #expect(bench.storage.device.runningText == before)
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(bench.rate == ConsoleBench.whole)
    }

    @Test("an account that may not is told what it lacks, and nothing is changed")
    func withoutSudo() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.sonic)
        let before = bench.storage.device.runningText
        bench.storage.faults.refuse = ["sudo"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .unsupported && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("`sudo` without a password") == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.runningText == before && !bench.storage.device.isArmed)
    }

    @Test(
        "what somebody else changes in the window is found before it is confirmed, and stays when the device goes back")
    func foreign() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.sonic)
        _ = try await driver.push(order)
        try bench.type(["sonic-cli", "configure terminal", "ntp server 10.9.9.9", "end"])
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .interfered && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("10.9.9.9") == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.isArmed)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText.contains("10.9.9.9") && !bench.storage.device.isArmed)
    }
}
