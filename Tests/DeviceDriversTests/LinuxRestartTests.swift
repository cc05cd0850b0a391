import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    /// A restart is played: the timer's process dies, the kernel forgets what `tc` was told, the boot's identity is another, and what
    /// systemd would start is started.
    @Suite("A Linux device that restarts within the window", .serialized)
    struct LinuxRestartTests {
        @Test("a device that restarts before it was confirmed is put back when it starts, and says so")
        func restarts() async throws {
            try await bench { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(600))
                #expect(try await bench.driver.push(order, permit: .always).pendingRevert != nil)
                await restart(bench)
                let dead = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(20))
                #expect(dead.pendingRevert?.remaining == nil && dead.pendingRevert != nil)
                await bench.sh(try start(bench))
                #expect(try await bench.settles(on: order.base, order))
                #expect(await bench.sh("ls \(bench.folder)/state").contains("\(order.mark).reverted"))
                #expect(entries(bench).isEmpty)
            }
        }

        @Test("what is not there yet when the device starts is waited for")
        func waits() async throws {
            try await bench { bench in
                await bench.sh("tc qdisc add dev e0 root tbf rate 10mbit burst 32k latency 50ms")
                let order = try await bench.order(bench.everything, revertAfter: .seconds(600))
                _ = try await bench.driver.push(order, permit: .always)
                await restart(bench)
                await bench.sh("ip link set e0 name e9")
                async let starting = bench.sh(try start(bench))
                try await Task.sleep(for: .seconds(2))
                // Files come first, before any network is up.
                #expect(!FileManager.default.fileExists(atPath: bench.folder + "/etc/fresh.conf"))
                await bench.sh("ip link set e9 name e0 && ip link set e0 up")
                _ = try await starting
                #expect(try await bench.settles(on: order.base, order))
            }
        }

        @Test("nothing is left to be started once a change is confirmed, rolled back, or its timer has acted")
        func leaves() async throws {
            try await bench { bench in
                let order = try await bench.order(bench.everything)
                _ = try await bench.driver.push(order, permit: .always)
                #expect(entries(bench).count == 2)
                _ = try await bench.driver.confirm(order, permit: .always)
                #expect(entries(bench).isEmpty)
                _ = try await bench.driver.rollBack(order, permit: .always)
                let second = try await bench.order(
                    bench.everything, mark: "rollout-218-gra-eco-01", revertAfter: .seconds(2))
                _ = try await bench.driver.push(second, permit: .always)
                #expect(entries(bench).count == 2)
                #expect(try await bench.settles(on: second.base, second))
                #expect(entries(bench).isEmpty)
            }
        }

        @Test("started again by hand while its timer waits, the script leaves everything to the timer")
        func isNotHasty() async throws {
            try await bench { bench in
                let order = try await bench.order(bench.everything)
                _ = try await bench.driver.push(order, permit: .always)
                await bench.sh(try start(bench))
                let now = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(20))
                #expect(now.config.isEquivalent(to: order.desired) && now.pendingRevert?.remaining != nil)
                _ = try await bench.driver.confirm(order, permit: .always)
            }
        }

        @Test("a device that cannot be told what to start is not changed")
        func refuses() async throws {
            try await bench { bench in
                var sealed = bench
                sealed.transport = .inNamespace(
                    bench.namespace,
                    prepared: "mount -t tmpfs none /run/systemd && mkdir /run/systemd/system && "
                        + "mount -t tmpfs -o size=4k,ro none /etc/systemd/system")
                let order = try await sealed.order(sealed.everything)
                let error = await #expect(throws: DriverError.self) {
                    try await sealed.driver.push(order, permit: .always)
                }
                #expect(error?.code == .timerNotArmed && error?.effect == DriverError.Effect.none)
                #expect(error?.message.contains("a restart of the device would leave it changed") == true)
                #expect(try await sealed.config(order).isEquivalent(to: order.base))
            }
        }

        @Test(
            "the unit is one that systemd takes",
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
        func isUnit() async throws {
            try await bench { bench in
                _ = try await bench.driver.push(try await bench.order(bench.everything), permit: .always)
                let unit = try #require(entries(bench).first { !$0.contains("wants") })
                let verdict = await LocalShell.run("systemd-analyze verify '\(unit)'; echo status $?")?.text ?? ""
                #expect(verdict.contains("status 0") && !verdict.contains("rollout-revert"), "\(verdict)")
            }
        }

        /// A device on which systemd reads units from the folder `units`, and whose boot is named by the file `boot`.
        private func bench(_ body: (LinuxBench) async throws -> Void) async throws {
            try await LinuxBench.with { bench in
                var bench = bench
                let folder = bench.folder
                try FileManager.default.createDirectory(atPath: folder + "/units", withIntermediateDirectories: true)
                try "first\n".write(toFile: folder + "/boot", atomically: false, encoding: .utf8)
                try "old\n".write(toFile: folder + "/etc/old.conf", atomically: false, encoding: .utf8)
                bench.transport = .inNamespace(bench.namespace, prepared: Self.prepared(folder))
                try await body(bench)
            }
        }

        private static func prepared(_ folder: String) -> String {
            "mount -t tmpfs none /run/systemd && mkdir /run/systemd/system && "
                + "mount --bind \(folder)/units /etc/systemd/system && "
                + "mount --bind \(folder)/boot /proc/sys/kernel/random/boot_id"
        }

        /// The files that say what is to be started.
        private func entries(_ bench: LinuxBench) -> [String] {
            let found =
                FileManager.default.enumerator(atPath: bench.folder + "/units")?.compactMap { $0 as? String } ?? []
            return found.filter { $0.hasSuffix(".service") }.map { "\(bench.folder)/units/\($0)" }.sorted()
        }

        private func restart(_ bench: LinuxBench) async {
            await bench.sh(
                "read -r deadline timer rest <\(bench.folder)/state/*.armed; kill -9 $timer; tc qdisc del dev e0 root; "
                    + "echo second >\(bench.folder)/boot")
        }

        /// What the unit starts, as a command on the device.
        private func start(_ bench: LinuxBench) throws -> String {
            let unit = try #require(entries(bench).first { !$0.contains("wants") })
            let text = try String(contentsOfFile: unit, encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
            return Self.prepared(bench.folder) + "; " + line.dropFirst("ExecStart=".count)
        }
    }
}
