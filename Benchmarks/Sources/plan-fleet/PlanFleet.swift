import Foundation
import ProcessUsage
import RolloutEngine

/// Plans a change for a whole fleet from the files of its inventory: read and check them, resolve the change for every device,
/// pack the waves, write the plan. What devices hold and links carry is made up: reading it is the network's time.
@main
enum PlanFleet {
    static func main() throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: plan-fleet INVENTORY-FOLDER")
            exit(64)
        }
        var clock = PhaseClock()
        let inventory = try InventoryFolder.load(CommandLine.arguments[1]).inventory
        clock.lap("inventory")

        let change = Change(
            name: "double", intents: [.shape(ShapingIntent(interface: "eth0", egressRate: "{{ cap }}Mbit"))])
        let resolver = try IntentResolver(change)
        let surveyed = try inventory.devices.compactMap { device -> SurveyedDevice? in
            let intents = try resolver.resolve(for: device)
            guard case .shape(_, let rate, _, _) = intents.first else { return nil }
            let target = Target(
                intents: intents, base: config(BitsPerSecond(rate.value / 2)), desired: config(rate),
                growth: BitsPerSecond(rate.value / 2))
            return SurveyedDevice(device: device, finding: .target(target))
        }
        clock.lap("change")

        let policy = Policy(
            name: "night", waveSize: WaveSize(devices: 400, share: nil), soak: .minutes(10),
            watch: WatchRule(poll: .seconds(30), baseline: .minutes(10)),
            gates: [GateRule(name: "interfaces", condition: .interfaces, onFail: .rollBack)])
        var loads: [LinkName: LinkLoad] = [:]
        for link in inventory.links { loads[link.name] = .known(BitsPerSecond(link.capacity.value / 3)) }
        let plan = try Planner.plan(
            Planner.Input(
                tool: "benchmark", now: Instant(milliseconds: 1_770_000_000_000), inventory: inventory, inputs: [],
                change: change, policy: policy, limit: nil, surveyed: surveyed, loads: loads))
        clock.lap("waves")

        let file = try PlanFile(plan)
        clock.lap("file")
        clock.report(
            "rollout   \(plan.devices.count) devices  \(plan.links.count) links  \(plan.waves.count) waves  "
                + "plan of \(file.bytes.count / 1024) KiB")
    }

    private static func config(_ rate: BitsPerSecond) -> DeviceConfig {
        DeviceConfig(sections: [
            .init(name: "qdisc eth0", lines: ["tbf rate \(rate.value)bit burst 32768b latency 50000us"])
        ])
    }
}

/// Where the time went, and how much memory was needed.
private struct PhaseClock {
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now
    private var phases: [String] = []

    mutating func lap(_ name: String) {
        let now = clock.now
        phases.append("\(name) \(Self.seconds(last.duration(to: now)))")
        last = now
    }

    func report(_ what: String) {
        let usage = ProcessUsage()
        print(
            "\(what)  wall=\(Self.seconds(start.duration(to: clock.now)))  cpu=\(ProcessUsage.shown(usage.cpuSeconds, 2)) s  "
                + "rss=\(usage.peakKilobytes / 1024) MiB  (\(phases.joined(separator: ", ")))")
    }

    private static func seconds(_ span: Duration) -> String { "\(ProcessUsage.shown(span / .seconds(1), 3)) s" }
}
