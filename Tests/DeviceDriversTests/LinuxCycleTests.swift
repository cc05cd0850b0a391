import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("Linux: the life of a change")
    struct LinuxCycleTests {
        @Test("a change is pushed under a timer, read back, and confirmed", .timeLimit(.minutes(10)))
        func pushAndConfirm() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("printf 'old\\n' > \(bench.folder)/etc/old.conf; chmod 640 \(bench.folder)/etc/old.conf")
                let order = try await bench.order(bench.everything)
                #expect(
                    order.base.sections.map(\.lines) == [[], ["mode 0640", "old"], []],
                    "an interface with the kernel's own discipline and a missing file are empty")

                let pushed = try await bench.driver.push(order)
                #expect(pushed.config.isEquivalent(to: order.desired))
                #expect(pushed.pendingRevert?.mark == order.mark)
                let remaining = try #require(pushed.pendingRevert?.remaining)
                #expect(remaining > .seconds(50) && remaining <= .seconds(60))
                #expect(await bench.sh("tc qdisc show dev e0").contains("tbf"))
                #expect(await bench.sh("cat \(bench.folder)/etc/fresh.conf") == "fresh")
                #expect(await bench.sh("ls \(bench.folder)/reloaded") != "")

                let confirmed = try await bench.driver.confirm(order)
                #expect(confirmed.config.isEquivalent(to: order.desired))
                #expect(confirmed.pendingRevert == nil)
                #expect(await bench.sh("ls -A \(bench.folder)/state") == "", "nothing is left behind")

                let again = try await bench.driver.confirm(order)
                #expect(again.config.isEquivalent(to: order.desired))
                #expect(try await bench.driver.push(order).config.isEquivalent(to: order.desired))
            }
        }

        @Test("a change that nobody confirms is taken back by the device itself", .timeLimit(.minutes(10)))
        func revertsByItself() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("printf 'a\\n\\nb' > \(bench.folder)/etc/old.conf")
                let before = await bench.sh(
                    "stat -c '%a %u' \(bench.folder)/etc/old.conf; od -c \(bench.folder)/etc/old.conf")
                let order = try await bench.order(bench.everything, revertAfter: .seconds(6))
                _ = try await bench.driver.push(order)
                await bench.sh("rm \(bench.folder)/reloaded")

                #expect(try await bench.settles(on: order.base, order))
                let after = await bench.sh(
                    "stat -c '%a %u' \(bench.folder)/etc/old.conf; od -c \(bench.folder)/etc/old.conf")
                #expect(after == before)
                #expect(await bench.sh("ls \(bench.folder)/reloaded") != "", "what was reloaded is reloaded again")
                #expect(await bench.sh("ls -A \(bench.folder)/etc") == "old.conf\n")

                let error = await #expect(throws: DriverError.self) { try await bench.driver.confirm(order) }
                #expect(error?.code == .verifyMismatch)
                #expect(error?.message.contains("the revert timer has acted") == true)
                #expect(error?.effect == DriverError.Effect.none)
            }
        }

        @Test("a change can be pushed again after the device took it back", .timeLimit(.minutes(10)))
        func pushAgain() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(5))
                _ = try await bench.driver.push(order)
                #expect(try await bench.settles(on: order.base, order))
                var later = order
                later.revertAfter = .seconds(60)
                _ = try await bench.driver.push(later)
                #expect(try await bench.driver.confirm(later).config.isEquivalent(to: order.desired))
            }
        }

        @Test("rolling back restores to the byte, before and after confirming, and twice", .timeLimit(.minutes(10)))
        func rollBack() async throws {
            try await LinuxBench.with { bench in
                let path = bench.folder + "/etc/old.conf"
                await bench.sh(
                    "printf 'tab\\there\\r\\n\\n  x {{ not ours }} \\303\\251\\n\\n' > \(path); chmod 604 \(path); chown 7:8 \(path)"
                )
                await bench.sh("tc qdisc replace dev e0 root tbf rate 7654321bit burst 20001 limit 99999")
                let look =
                    "stat -c '%a %u %g' \(path); od -c \(path); tc -r -j -d qdisc show dev e0 | sed 's/\"handle[^,]*//'"
                let order = try await bench.order(bench.everything)
                await bench.sh("cp -p \(path) \(bench.folder)/copy")
                for isConfirmed in [false, true] {
                    let before = await bench.sh(look)
                    _ = try await bench.driver.push(order)
                    if isConfirmed { _ = try await bench.driver.confirm(order) }
                    let back = try await bench.driver.rollBack(order)
                    #expect(back.config.isEquivalent(to: order.base))
                    #expect(back.pendingRevert == nil)
                    #expect(
                        await bench.sh(look).split(separator: "\n").dropLast()
                            == before.split(separator: "\n").dropLast())
                    #expect(
                        await bench.sh("cmp \(path) \(bench.folder)/copy && ls \(bench.folder)/state").contains(".sh")
                            == false)
                }
                let calls = bench.transport.log.sent.count
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(bench.transport.log.sent.count == calls + 1, "only a reading is sent")
            }
        }

        @Test("files that are written in their place while they are read are read again", .timeLimit(.minutes(10)))
        func writtenInPlace() async throws {
            try await LinuxBench.with { bench in
                let paths = (1...8).map { "\(bench.folder)/etc/f\($0)" }
                async let writer = bench.sh(
                    """
                    timeout 1.5 sh -c 'while :; do
                    for path in "$@"; do echo short >$path; done; for path in "$@"; do echo much longer >$path; done
                    done' - \(paths.joined(separator: " "))
                    for path in \(paths.joined(separator: " ")); do echo last >$path; done
                    """)
                try await Task.sleep(for: .milliseconds(300))
                let seen = try await bench.driver.observe(
                    bench.device, scope: ConfigScope(files: paths), within: .seconds(60))
                #expect(seen.config.sections.count == paths.count)
                _ = await writer
            }
        }

        @Test("rolling back stops a change that still hangs in its reload command", .timeLimit(.minutes(10)))
        func hangingReload() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order([
                    .file(path: bench.folder + "/etc/x", content: "x\n", mode: "644", reload: "sleep 30")
                ])
                var quick = order
                quick.limit = .seconds(3)
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(quick) }
                #expect(error?.code == .timeout && error?.effect == .possible)
                #expect(try await bench.config(order).isEquivalent(to: order.desired))
                let early = await #expect(throws: DriverError.self) { try await bench.driver.confirm(order) }
                #expect(
                    early?.effect == DriverError.Effect.none,
                    "what is half done is not confirmed: \(String(describing: early))")
                let applier = await bench.sh("cut -d' ' -f2 \(bench.folder)/state/*.busy").trimmingCharacters(
                    in: .newlines)
                #expect(await bench.sh("grep -c 'State:.[RSD]' /proc/\(applier)/status") == "1\n")
                // On the way back the reload command hangs too; what counts is that the change does not go on.
                _ = try? await bench.driver.rollBack(quick)
                #expect(await bench.sh("grep -c 'State:.[RSD]' /proc/\(applier)/status") != "1\n")
                #expect(try await bench.config(order).isEquivalent(to: order.base))
            }
        }

        @Test(
            "classes of an htb tree are changed and put back; their filters and leaves are not touched",
            .timeLimit(.minutes(10)))
        func classesOfATree() async throws {
            try await LinuxBench.with { bench in
                await bench.sh(
                    """
                    tc qdisc replace dev e0 root handle 1: htb default 0x11
                    tc class add dev e0 parent 1: classid 1:1 htb rate 1gbit
                    tc class add dev e0 parent 1:1 classid 1:10 htb rate 10mbit ceil 20mbit burst 15k cburst 16k prio 2 quantum 3000
                    tc class add dev e0 parent 1:1 classid 1:11 htb rate 100mbit ceil 900mbit
                    tc qdisc add dev e0 parent 1:10 handle 10: pfifo limit 50
                    tc filter add dev e0 parent 1: protocol ip prio 1 u32 match ip dst 192.0.2.1/32 flowid 1:10
                    """)
                let look = "tc -r -d class show dev e0 | sort; tc qdisc show dev e0; tc filter show dev e0"
                let before = await bench.sh(look)
                let intents: [ResolvedIntent] = [
                    .shape(
                        interface: "e0", rate: BitsPerSecond(50_000_000), burst: ByteCount(65536), trafficClass: "1:10"),
                    .shape(
                        interface: "e0", rate: BitsPerSecond(250_000_000), burst: ByteCount(393_216),
                        trafficClass: "1:11"),
                ]
                let order = try await bench.order(intents)
                let pushed = try await bench.driver.push(order)
                let lines = pushed.config.sections[0].lines
                #expect(
                    lines.contains(
                        "class 1:10 parent 1:1 rate 50000000bit ceil 50000000bit burst 65536b cburst 65536b prio 2 quantum 3000"
                    ))
                #expect(
                    lines.contains {
                        $0.hasPrefix("class 1:11 parent 1:1 rate 250000000bit ceil 250000000bit burst 393216b")
                    })
                #expect(lines.filter { $0.hasPrefix("leaf ") || $0.hasPrefix("filters ") }.count == 2)
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                let after = await bench.sh(look)
                #expect(
                    after.split(separator: "\n").filter { !$0.contains("1:11") }
                        == before.split(separator: "\n").filter { !$0.contains("1:11") })
            }
        }

        @Test(
            "whatever shaping is found reads back as itself after it was put back", .timeLimit(.minutes(10)),
            arguments: [
                "rate 64kbit burst 1600 latency 50ms", "rate 1mbit burst 16k latency 20ms",
                "rate 7654321bit burst 20001 limit 99999",
                "rate 20mbit burst 32k latency 50ms", "rate 60mbit burst 1514 limit 30000",
                "rate 100mbit burst 16000 latency 1ms",
                "rate 999999999bit burst 123457 latency 33333us", "rate 10gbit burst 12m latency 50ms",
                "rate 40gbit burst 1514 limit 100000",
            ])
        func readsBackAsItself(found: String) async throws {
            try await LinuxBench.with { bench in
                await bench.sh("tc qdisc replace dev e0 root tbf \(found)")
                let order = try await bench.order([
                    .shape(interface: "e0", rate: BitsPerSecond(33_333_333), burst: ByteCount(50001), trafficClass: nil)
                ])
                #expect(try await bench.driver.push(order).config.isEquivalent(to: order.desired))
                let back = try await bench.driver.rollBack(order)
                #expect(
                    back.config.isEquivalent(to: order.base),
                    "\(order.base.sections[0].lines) -> \(back.config.sections[0].lines)")
            }
        }
    }
}
