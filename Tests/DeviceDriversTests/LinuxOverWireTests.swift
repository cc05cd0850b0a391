import FaultyWire
import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    /// A real sshd behind a network that stalls, resets, hangs up halfway, trickles and delays, at any byte.
    @Suite("Linux: over a bad network", .enabled(if: RealServer.isPossible, "needs openssh-server"))
    struct LinuxOverWireTests {
        typealias Kind = WireProxy.Fault.Kind

        @Test(
            "wherever the network fails in a push, what is said of the device is true, and it ends on its base by itself",
            .timeLimit(.minutes(10)))
        func push() async throws {
            try await withFaults(during: "push") { bench, order, driver, fault in
                do {
                    let pushed = try await driver.push(order)
                    #expect(pushed.pendingRevert?.mark == order.mark, "\(fault)")
                } catch let error as DriverError where error.effect == .none {
                    // Nothing may have come through, and nothing may come through later.
                    for _ in 0..<2 {
                        let now = try await bench.driver.observe(
                            bench.device, scope: order.scope, within: .seconds(20))
                        #expect(now.config.isEquivalent(to: order.base), "\(fault): \(error)")
                        #expect(now.pendingRevert == nil, "\(fault): \(error)")
                        try await Task.sleep(for: .seconds(1))
                    }
                } catch is DriverError {}
                #expect(try await bench.settles(on: order.base, order), "\(fault)")
            }
        }

        @Test(
            "wherever the network fails in a confirm, the change stays or the base comes back, and asking again tells which",
            .timeLimit(.minutes(10)))
        func confirm() async throws {
            try await withFaults(during: "confirm") { bench, order, driver, fault in
                _ = try await bench.driver.push(order)
                var isConfirmed = false
                do {
                    isConfirmed = try await driver.confirm(order).pendingRevert == nil
                } catch is DriverError {}
                try await Task.sleep(for: order.revertAfter.duration + .seconds(2))
                let now = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(20))
                #expect(now.pendingRevert == nil, "\(fault)")
                let holdsTarget = now.config.isEquivalent(to: order.desired)
                #expect(holdsTarget || now.config.isEquivalent(to: order.base), "\(fault)")
                #expect(!isConfirmed || holdsTarget, "\(fault)")
            }
        }

        /// Runs the body for each fault, each with a device, a server and a proxy of its own.
        private func withFaults(
            during call: String,
            _ body: @escaping @Sendable (LinuxBench, PushOrder, LinuxDriver, WireProxy.Fault) async throws -> Void
        ) async throws {
            // How much is said when all goes well, and that nothing is wrong with the proxy itself.
            let whole = try await carried(by: call)
            #expect(whole.toServer > 3000 && whole.fromServer > 2000, "\(whole)")
            var faults: [WireProxy.Fault] = []
            for isToServer in [true, false] {
                let bytes = isToServer ? whole.toServer : whole.fromServer
                for kind in [Kind.stall, .reset, .halfClose] {
                    for _ in 0..<2 {
                        faults.append(.init(kind: kind, isToServer: isToServer, bytes: .random(in: 1..<bytes)))
                    }
                    // The last words are the ones that matter.
                    faults.append(.init(kind: kind, isToServer: isToServer, bytes: bytes - .random(in: 1..<400)))
                }
                faults.append(.init(kind: .trickle, isToServer: isToServer))
                faults.append(.init(kind: .delay(40), isToServer: isToServer))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, fault) in faults.enumerated() {
                    if index >= 8 { try await group.next() }
                    group.addTask {
                        try await withWire(fault) { bench, order, driver, _ in
                            try await body(bench, order, driver, fault)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        private func carried(by call: String) async throws -> (toServer: Int, fromServer: Int) {
            var result = (toServer: 0, fromServer: 0)
            try await withWire(nil) { bench, order, driver, proxy in
                if call == "push" {
                    _ = try await driver.push(order)
                } else {
                    _ = try await bench.driver.push(order)
                    _ = try await driver.confirm(order)
                }
                result = proxy.carried
                #expect(try await bench.settles(on: call == "push" ? order.base : order.desired, order))
            }
            return result
        }

        private func withWire(
            _ fault: WireProxy.Fault?, _ body: (LinuxBench, PushOrder, LinuxDriver, WireProxy) async throws -> Void
        ) async throws {
            try await LinuxBench.with { bench in
                // The server itself is outside, as the proxy is; its commands run on the device.
                let enter = "ForceCommand exec ip netns exec \(bench.namespace) sh -c \"$SSH_ORIGINAL_COMMAND\""
                let server = try RealServer([enter])
                let proxy = WireProxy(to: server.port, fault)
                try server.trust([try server.publicKey("host_ed25519")], as: "[127.0.0.1]:\(proxy.port)")
                await bench.sh("printf 'old\\n' > \(bench.folder)/etc/old.conf")
                var order = try await bench.order(bench.everything, revertAfter: .seconds(10))
                order.limit = .seconds(6)
                order.device = server.device {
                    $0.user = "root"
                    $0.port = proxy.port
                }
                order.device.hostname = bench.device.hostname
                order.device.variables = bench.device.variables
                try await body(
                    bench, order, LinuxDriver(transport: SSHTransport(secrets: EnvironmentAndFileSecrets())), proxy)
                server.stop()
            }
        }
    }
}
