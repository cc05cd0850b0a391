import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("Linux: files that are checked first")
    struct LinuxCheckTests {
        private func intent(_ bench: LinuxBench, _ mark: String, check: String) -> ResolvedIntent {
            .file(
                path: bench.folder + "/etc/marks.nft",
                content: """
                    flush ruleset
                    table inet marks {
                      chain out {
                        type filter hook output priority mangle;
                        ip dscp \(mark)
                      }
                    }

                    """, mode: "0644", reload: "nft -f \(bench.folder)/etc/marks.nft", check: check)
        }

        @Test(
            "marks of nftables: a mistake never reaches the file; what is right is loaded, and goes back",
            .enabled(if: Tool.path("nft") != nil, "needs nftables"), .timeLimit(.minutes(10)))
        func nftables() async throws {
            try await LinuxBench.with { bench in
                let look = "nft list ruleset; cat \(bench.folder)/etc/marks.nft; ls -A \(bench.folder)/etc"
                let first = try await bench.order(
                    [intent(bench, "af11 meta mark set 7", check: "nft -c -f %s")], mark: "rollout-1")
                _ = try await bench.driver.push(first)
                _ = try await bench.driver.confirm(first)
                let before = await bench.sh(look)
                #expect(before.contains("ip dscp af11 meta mark set 0x00000007"))

                let wrong = try await bench.order(
                    [intent(bench, "af99 meta mark set 7", check: "nft -c -f %s")], mark: "rollout-2")
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(wrong) }
                #expect(error?.code == .refused && error?.message.contains("marks.nft failed with status 1") == true)
                #expect(error?.message.contains("af99") == true, "nft's own words are said")
                #expect(await bench.sh(look) == before)
                let back = try await bench.driver.rollBack(wrong)
                #expect(back.config.isEquivalent(to: wrong.base) && back.pendingRevert == nil)

                let right = try await bench.order(
                    [intent(bench, "af21 meta mark set 9", check: "nft -c -f %s")], mark: "rollout-3",
                    revertAfter: .seconds(5))
                _ = try await bench.driver.push(right)
                #expect(await bench.sh(look).contains("ip dscp af21 meta mark set 0x00000009"))
                #expect(try await bench.settles(on: right.base, right))
                #expect(await bench.sh(look) == before)
            }
        }

        @Test(
            "a unit of systemd: one that would not start never reaches the file; one that would is written, and goes back",
            .enabled(if: Tool.path("systemd-analyze") != nil, "needs systemd"), .timeLimit(.minutes(10)))
        func unit() async throws {
            try await LinuxBench.with { bench in
                func unit(_ command: String) -> ResolvedIntent {
                    .file(
                        path: bench.folder + "/etc/shaper.service",
                        content: "[Service]\nType=oneshot\nExecStart=\(command)\n", mode: "0644",
                        reload: "touch \(bench.folder)/reloaded", check: "systemd-analyze verify %s")
                }
                let wrong = try await bench.order([unit("bin/true")], mark: "rollout-1")
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(wrong) }
                #expect(error?.code == .refused && error?.message.contains("absolute path: bin/true") == true)
                #expect(
                    await bench.sh("ls -A \(bench.folder)/etc; test -e \(bench.folder)/reloaded || echo asleep")
                        == "asleep\n")
                _ = try await bench.driver.rollBack(wrong)

                let right = try await bench.order([unit("/bin/true")], mark: "rollout-2", revertAfter: .seconds(4))
                _ = try await bench.driver.push(right)
                #expect(await bench.sh("cat \(bench.folder)/etc/shaper.service").contains("ExecStart=/bin/true"))
                #expect(try await bench.settles(on: right.base, right))
                #expect(await bench.sh("ls -A \(bench.folder)/etc") == "")
            }
        }

        @Test("a check that fails leaves the file and tells why; one with shell syntax is refused when planning")
        func plainChecks() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("printf 'old\\n' > \(bench.folder)/etc/marks.nft")
                let order = try await bench.order([intent(bench, "x", check: "grep -c nosuch %s")])
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(order) }
                #expect(error?.code == .refused && error?.effect == .possible)
                #expect(await bench.sh("cat \(bench.folder)/etc/*; ls -A \(bench.folder)/etc") == "old\nmarks.nft\n")
                for check in ["nft -c -f %s; reboot", "nft -c", "$(reboot) %s"] {
                    await #expect(throws: DriverError.self, "\(check)") {
                        try await bench.order([intent(bench, "x", check: check)])
                    }
                }
            }
        }
    }
}
