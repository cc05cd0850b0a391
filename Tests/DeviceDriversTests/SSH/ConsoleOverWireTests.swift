import ConsoleDevices
import DeviceDrivers
import FaultyWire
import Foundation
import RolloutEngine
import Testing

/// Routers and switches on a real sshd behind a network that stalls, resets and hangs up halfway, at any byte.
///
/// Two places by chance, or as many of each kind as `WIRE_POINTS` says.
@Suite(
    "Command lines: over a bad network", .serialized, .enabled(if: RealServer.isPossible, "needs openssh-server"),
    .timeLimit(.minutes(30)))
struct ConsoleOverWireTests {
    typealias Fault = WireProxy.Fault

    private static let points = ProcessInfo.processInfo.environment["WIRE_POINTS"].flatMap { Int($0) }

    /// Every platform, and some over OpenSSH.
    private static let cases =
        CLIDriverTests.platforms.map { ($0, SSHSettings.Client.builtIn) } + [
            (.juniperJunos, .openSSH), (.aristaEOS, .openSSH), (.ciscoIOSXE, .openSSH),
        ]

    @Test(
        "wherever the network fails in a push, what is said of the device is true, and it goes back by itself",
        arguments: cases)
    func push(_ platform: ConsolePlatform, _ client: SSHSettings.Client) async throws {
        try await withFaults(on: platform, client, during: { try await $0.push($1) }) { bench, order, fault, ended, _ in
            let before = order.base
            if case .failure(let error) = ended, error.effect == .none {
                // Nothing came through, and nothing may come through later.
                for _ in 0..<2 {
                    let now = try await bench.observe()
                    #expect(now.config.isEquivalent(to: before), "\(fault): \(error)")
                    #expect(now.pendingRevert == nil, "\(fault): \(error)")
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
            try bench.passAnHour()
            let now = try await bench.observe()
            #expect(now.config.isEquivalent(to: before) && now.pendingRevert == nil, "\(fault): \(ended)")
        }
    }

    @Test(
        "wherever the network fails in a confirm, the change stays or the base comes back, and asking again tells which",
        arguments: cases)
    func confirm(_ platform: ConsolePlatform, _ client: SSHSettings.Client) async throws {
        try await withFaults(
            on: platform, client, first: { _ = try await $0.push($1) }, during: { try await $0.confirm($1) }
        ) { bench, order, fault, ended, proxy in
            try bench.passAnHour()
            let now = try await bench.observe()
            #expect(now.pendingRevert == nil, "\(fault): \(ended)")
            let holdsTarget = now.config.isEquivalent(to: order.desired)
            #expect(holdsTarget || now.config.isEquivalent(to: order.base), "\(fault): \(ended)")
            if case .success(let seen) = ended, seen.pendingRevert == nil { #expect(holdsTarget, "\(fault)") }
            // A server that hears nothing more holds a session, and its lock, until it gives the connection up.
            proxy.hangUp()
            do {
                let back = try await Self.onceUnlocked { try await bench.driver.rollBack(order) }
                #expect(back.config.isEquivalent(to: order.base), "\(fault)")
            } catch { Issue.record("\(fault): \(ended); then \(error)") }
        }
    }

    /// As the engine does: a lock that a session of ours still holds, which was cut off, is waited out.
    private static func onceUnlocked(_ call: () async throws -> Observation) async throws -> Observation {
        for _ in 0..<120 {
            do { return try await call() } catch let error as DriverError where error.code == .locked {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        return try await call()
    }

    typealias Call = @Sendable (CLIDriver, PushOrder) async throws -> Observation
    typealias Ending = Result<Observation, DriverError>

    /// Makes a call over a wire with each fault, on a device of its own, and looks at what came of it.
    private func withFaults(
        on platform: ConsolePlatform, _ client: SSHSettings.Client,
        first: @escaping @Sendable (CLIDriver, PushOrder) async throws -> Void = { _, _ in },
        during call: @escaping Call,
        _ look: @escaping @Sendable (ConsoleOverSSH, PushOrder, Fault, Ending, WireProxy) async throws -> Void
    ) async throws {
        // How much is said when all goes well, and that nothing is wrong with the proxy itself.
        var whole = (toServer: 0, fromServer: 0)
        try await withWire(nil, platform, client, first, call) { _, _, ended, proxy in
            whole = proxy.carried
            guard case .success = ended else {
                Issue.record("\(ended)")
                return
            }
        }
        var faults: [Fault] = []
        for isToServer in [true, false] {
            let bytes = isToServer ? whole.toServer : whole.fromServer
            // Up to where it has logged in, every session is the same.
            let login = min(bytes - 1, 2500)
            for kind in [Fault.Kind.stall, .reset, .halfClose] {
                for _ in 0..<(Self.points ?? 1) {
                    faults.append(.init(kind: kind, isToServer: isToServer, bytes: .random(in: login..<bytes)))
                }
            }
        }
        if Self.points == nil { faults = Array(faults.shuffled().prefix(2)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, fault) in faults.enumerated() {
                if index >= 6 { try await group.next() }
                group.addTask {
                    try await withWire(fault, platform, client, first, call) { bench, order, ended, proxy in
                        try await look(bench, order, fault, ended, proxy)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func withWire(
        _ fault: Fault?, _ platform: ConsolePlatform, _ client: SSHSettings.Client,
        _ first: (CLIDriver, PushOrder) async throws -> Void,
        _ call: Call,
        _ look: (ConsoleOverSSH, PushOrder, Ending, WireProxy) async throws -> Void
    ) async throws {
        try await ConsoleOverSSH.lend(platform, client: client) { bench in
            let order = try await bench.order()
            try await first(bench.driver, order)
            let proxy = WireProxy(to: bench.server.port, fault)
            try bench.server.trust(
                [try bench.server.publicKey("host_\(bench.hostKey)")],
                as: "[127.0.0.1]:\(bench.server.port),[127.0.0.1]:\(proxy.port)")
            var through = order
            through.device.ssh.port = proxy.port
            // Only what stalls takes so long.
            through.limit = .seconds(fault == nil ? 60 : 10)
            let ended: Ending
            do { ended = .success(try await call(bench.driver, through)) } catch let error as DriverError {
                ended = .failure(error)
            }
            try await look(bench, order, ended, proxy)
        }
    }
}
