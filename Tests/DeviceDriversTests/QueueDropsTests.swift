import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Linux: drops of tc as its statistics say them")
struct QueueDropsTests {
    private func reading(_ text: String, status: Int = 0) -> ObjectReading {
        QueueDrops.reading(of: .init(name: "qdisc e0", status: status, output: Array(text.utf8)), "e0")
    }

    @Test("the root's drops are the interface's, whatever is below it")
    func root() {
        let text = """
            [{"kind":"htb","handle":"1:","root":true,"options":{},"bytes":9,"packets":3,"drops":41,"overlimits":7},
             {"kind":"fq","handle":"2:","parent":"1:10","options":{},"drops":40}]
            """
        #expect(reading(text) == ObjectReading(name: "drops", instance: "e0", value: .counter(.bits32(41))))
    }

    @Test(
        "what tc does not say is not known",
        arguments: ["[]", #"[{"kind":"fq","parent":"1:1","drops":3}]"#, #"[{"kind":"fq","root":true}]"#])
    func absent(_ text: String) {
        #expect(reading(text).value == nil && reading(text).unknown?.code == .absent)
    }

    @Test("what tc says wrongly is an error", arguments: ["", "qdisc fq", "{}", #"[{"root":true,"drops":-1}]"#])
    func garbled(_ text: String) {
        #expect(reading(text).value == nil && reading(text).unknown?.code == .agentError)
        let refused = reading("Cannot find device \"e0\"", status: 1)
        #expect(refused.unknown == UnknownReason(.agentError, "tc says: Cannot find device \"e0\""))
    }
}

extension LinuxDevices {
    @Suite("Drops of tc on a real device", .timeLimit(.minutes(5)))
    struct RealQueueDrops {
        private func drops(_ bench: LinuxBench, on interfaces: [String] = ["e0"]) async -> CounterSample {
            let now = Instant(milliseconds: 5)
            return await LinuxQueueCounters(bench.driver, now: { now }).queueDrops(of: bench.device, on: interfaces)
        }

        @Test("what a real tbf drops is counted, with the device's own time")
        func counted() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("tc qdisc replace dev e0 root tbf rate 8kbit burst 1600 limit 3000")
                await bench.sh(
                    "ip addr add 192.0.2.1/24 dev e0; ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev e0")
                let before = await drops(bench)
                #expect(before.unknown == nil && before.subject == .queues("gra-eco-01"))
                #expect(before.objects.map(\.value) == [.counter(.bits32(0))])
                await bench.sh(
                    "bash -c 'for i in $(seq 400); do echo xxxxxxxxxxxxxxxxxxxx >/dev/udp/192.0.2.9/9; done'")
                let after = await drops(bench)
                guard case .counter(let counter)? = after.objects.first?.value else {
                    Issue.record("\(after)")
                    return
                }
                #expect(counter.value > 100)
                #expect((after.uptime ?? 0) >= (before.uptime ?? .max))
            }
        }

        @Test("an interface that is not there, and another device at the address, are errors and no numbers")
        func errors() async throws {
            try await LinuxBench.with { bench in
                let missing = await drops(bench, on: ["e0", "e7"])
                #expect(missing.objects.map(\.unknown?.code) == [nil, .agentError])
                var other = bench
                other.device.hostname = "another"
                let wrong = await drops(other)
                #expect(wrong.unknown?.code == .agentError && wrong.unknown?.detail.contains("another") == true)
            }
        }
    }
}
