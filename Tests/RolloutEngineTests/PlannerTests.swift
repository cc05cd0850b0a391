import RolloutEngine
import Testing

@Suite("Plans with devices that have no revert timer")
struct WithoutRevertTimerTests {
    @Test("are refused unless the policy allows it, with the device, and what to do")
    func refusal() throws {
        var plan = try Planner.plan(Samples.input(Samples.fleet(perGroup: 2)))
        #expect(plan.refusal == nil)
        let bytes = try PlanFile(plan).bytes
        for index in plan.devices.indices.prefix(7) { plan.devices[index].target?.hasRevertTimer = false }
        let refusal = try #require(plan.refusal)
        #expect(refusal.contains("\(plan.devices[0].device.name), "))
        #expect(refusal.contains("and 2 more"))
        #expect(refusal.contains("without_revert_timer: allow"))
        #expect(refusal.contains("-l '!\(plan.devices[0].device.name)'"))
        let bare = try PlanFile(plan)
        #expect(try PlanFile(bare.bytes, from: "plan").plan.withoutRevertTimer == plan.withoutRevertTimer)
        #expect(bare.bytes != bytes)
        plan.policy.withoutRevertTimer = .refuse
        #expect(plan.refusal != nil)
        plan.policy.withoutRevertTimer = .allow
        #expect(plan.refusal == nil)
    }
}

@Suite("Planner")
struct PlannerTests {
    @Test("waves go range by range, datacentre by datacentre, in the policy's order, canary first")
    func order() throws {
        var policy = Samples.policy()
        policy.order = [OrderRule(axis: .range, values: ["hg"]), OrderRule(axis: .datacentre, values: ["rbx"])]
        let plan = try Planner.plan(Samples.input(Samples.fleet(), policy: policy))
        #expect(plan.waves.first?.canary == true)
        #expect(plan.waves.first?.devices == ["rbx-hg-1"])
        let groups = plan.waves.map { "\($0.range ?? "-") \($0.datacentre ?? "-")" }
        var runs: [String] = []
        for group in groups where runs.last != group { runs.append(group) }
        #expect(runs == ["hg rbx", "hg gra", "eco rbx", "eco gra"])
        #expect(plan.waves.map(\.after) == plan.waves.indices.map { $0 == 0 ? [] : [$0 - 1] })
    }

    @Test("every device is in exactly one wave, never with another of its pair", arguments: 0..<200 as Range<UInt64>)
    func isolation(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let count = Int.random(in: 1...60, using: &random)
        let devices = (0..<count).map { number in
            Samples.device(
                "d\(number)", range: ["a", "b", "c"].randomElement(using: &random) ?? "a",
                datacentre: ["x", "y"].randomElement(using: &random) ?? "x",
                pair: random.chance(70) ? "p\(Int.random(in: 0..<max(1, count / 2), using: &random))" : nil)
        }
        var policy = Samples.policy()
        policy.canary = CanaryRule(devices: Int.random(in: 0...3, using: &random))
        let limit = Int.random(in: 1...10, using: &random)
        policy.waveSize = WaveSize(devices: limit, share: random.chance(50) ? .percent(40) : nil)
        let plan = try Planner.plan(Samples.input(devices, policy: policy))

        #expect(plan.waves.flatMap(\.devices).sorted() == devices.map(\.name).sorted())
        let domains = Dictionary(uniqueKeysWithValues: devices.map { ($0.name, $0.domains) })
        for wave in plan.waves {
            let pairs = wave.devices.flatMap { domains[$0] ?? [] }
            #expect(Set(pairs).count == pairs.count, "two of a pair in wave \(wave.index)")
            #expect(wave.devices.count <= max(limit, policy.canary.devices))
            #expect(!wave.devices.isEmpty)
        }
    }

    @Test("each wave says what kept it from being larger")
    func binding() throws {
        var policy = Samples.policy()
        policy.waveSize = WaveSize(devices: 20, share: nil)
        policy.canary = CanaryRule(devices: 0)
        let pairs = (1...4).map { Samples.device("d\($0)", pair: "p\(($0 + 1) / 2)") }
        var plan = try Planner.plan(Samples.input(pairs, policy: policy))
        #expect(plan.waves.map(\.devices) == [["d1", "d3"], ["d2", "d4"]])
        #expect(plan.waves[0].binding == .isolation(FailureDomain(kind: "pair", value: "p1")))
        #expect(plan.waves[1].binding == .none)

        policy.waveSize = WaveSize(devices: 3, share: .percent(50))
        plan = try Planner.plan(Samples.input((1...10).map { Samples.device("d\($0)") }, policy: policy))
        #expect(plan.waves[0].binding == .waveSize(3))
        policy.waveSize = WaveSize(devices: 8, share: .percent(50))
        plan = try Planner.plan(Samples.input((1...10).map { Samples.device("d\($0)") }, policy: policy))
        #expect(plan.waves[0].binding == .waveShare(.percent(50), 5))
    }

    @Test("predicted load grows wave by wave and never passes a link's headroom")
    func prediction() throws {
        // 16 devices, 8 behind each uplink, 100 Mbit more each; 500 Mbit flow already.
        let links = [Samples.link("up-gra", megabits: 2000), Samples.link("up-rbx", megabits: 2000)]
        let plan = try Planner.plan(Samples.input(Samples.fleet(), links: links, load: 500))
        var last: [LinkName: BitsPerSecond] = [:]
        for wave in plan.waves {
            for prediction in wave.predicted {
                #expect(prediction.load <= prediction.cap)
                #expect(prediction.load > last[prediction.link] ?? .zero)
                last[prediction.link] = prediction.load
            }
        }
        #expect(last["up-gra"] == BitsPerSecond(1_300_000_000))
        #expect(plan.links.first?.cap == BitsPerSecond(1_600_000_000))
    }

    @Test("a link that cannot hold the growth is named, with by how much, from which wave and by whose growth")
    func shortfall() throws {
        let links = [Samples.link("up-gra", megabits: 1600), Samples.link("up-rbx", megabits: 2000)]
        let refusal = try #require(throws: PlanRefusal.self) {
            try Planner.plan(Samples.input(Samples.fleet(), links: links, load: 500))
        }
        let shortfall = try #require(refusal.shortfalls.first)
        #expect(refusal.shortfalls.count == 1)
        #expect(shortfall.link == "up-gra")
        #expect(shortfall.cap == BitsPerSecond(1_280_000_000))
        #expect(shortfall.predicted == BitsPerSecond(1_300_000_000))
        #expect(shortfall.culprits.count == 8)
        #expect(refusal.description.contains("20 Mbit/s too much"))
        #expect(refusal.description.contains("gra-eco-1 +100Mbit"))
    }

    @Test("exactly the headroom is allowed, one bit more is not")
    func edge() throws {
        let devices = [Samples.device("d1")]
        var policy = Samples.policy()
        policy.headroom = HeadroomRule(cap: .percent(50))
        _ = try Planner.plan(Samples.input(devices, policy: policy, links: [Samples.link("up-gra", megabits: 200)]))
        #expect(throws: PlanRefusal.self) {
            let link = Link(
                name: "up-gra", capacity: BitsPerSecond(199_999_998),
                counters: LinkCounters(address: "198.51.100.254", interface: "up"))
            _ = try Planner.plan(Samples.input(devices, policy: policy, links: [link]))
        }
    }

    @Test("a change that adds nothing to a link is planned, however full that is; one that adds a bit is not")
    func fullLink() throws {
        let links = [Samples.link("up-gra", megabits: 1000)]
        func input(growth: UInt64) -> Planner.Input {
            var input = Samples.input([Samples.device("d1")], links: links, load: 900)
            if case .target(var target) = input.surveyed[0].finding {
                target.growth = BitsPerSecond(growth)
                input.surveyed[0].finding = .target(target)
            }
            return input
        }
        #expect(try Planner.plan(input(growth: 0)).waves.count == 1)
        let refusal = try #require(throws: PlanRefusal.self) { try Planner.plan(input(growth: 1)) }
        #expect(refusal.description.contains("growth comes from d1"))
    }

    @Test("a link whose load is unknown refuses the plan instead of counting as empty")
    func unknownLoad() throws {
        var input = Samples.input([Samples.device("d1")])
        input.loads = ["up-gra": .unknown(UnknownReason(.timeout, "no answer from 198.51.100.254"))]
        let refusal = try #require(throws: PlanRefusal.self) { try Planner.plan(input) }
        #expect(refusal.description.contains("up-gra"))
        #expect(refusal.description.contains("no answer from 198.51.100.254"))
        input.loads = [:]
        #expect(throws: PlanRefusal.self) { try Planner.plan(input) }
    }

    @Test("devices that already are as ordered are left out, and serve as control")
    func noChange() throws {
        var input = Samples.input([Samples.device("d1"), Samples.device("d2"), Samples.device("d3")])
        input.surveyed[1].finding = .skip(SkippedDevice(name: "d2", reason: .noChange, detail: "already as ordered"))
        input.surveyed[2].finding = .skip(SkippedDevice(name: "d3", reason: .unreachable, detail: "timeout"))
        let plan = try Planner.plan(input)
        #expect(plan.waves.flatMap(\.devices) == ["d1"])
        #expect(plan.skipped.map(\.name) == ["d2", "d3"])
        #expect(plan.devices.filter { $0.target == nil }.map(\.device.name) == ["d2"])
    }

    @Test("a rate below the present one is warned about")
    func slower() throws {
        let plan = try Planner.plan(Samples.input([Samples.device("d1")], target: Samples.target(from: 100, to: 10)))
        #expect(plan.warnings.contains { $0.contains("LESS bandwidth") && $0.contains("d1") })
    }

    @Test("one wave over everything is warned about: its traffic can be compared with nothing")
    func nothingToCompareWith() throws {
        var policy = Samples.policy()
        policy.gates = GateRule.cautious
        var input = Samples.input([Samples.device("d1")], policy: policy)
        #expect(try Planner.plan(input).warnings.contains { $0.contains("gate traffic will pause") })
        input = Samples.input([Samples.device("d1"), Samples.device("d2")], policy: policy)
        #expect(try Planner.plan(input).warnings.isEmpty)
        input.surveyed.removeLast()
        #expect(try Planner.plan(input).warnings.isEmpty)
    }

    @Test("a selection that splits a pair is warned about")
    func splitPair() throws {
        var input = Samples.input([Samples.device("d1", pair: "p1"), Samples.device("d2", pair: "p1")])
        input.surveyed.removeLast()
        let plan = try Planner.plan(input)
        #expect(plan.warnings.contains { $0.contains("splits a pair") && $0.contains("d2") })
    }

    @Test("the same input gives the same bytes")
    func deterministic() throws {
        let input = Samples.input(Samples.fleet())
        var shuffled = input
        shuffled.surveyed.reverse()
        #expect(try PlanFile(Planner.plan(input)).bytes == PlanFile(Planner.plan(shuffled)).bytes)
    }

    @Test("what is watched beside the waves is resolved into the plan: every link, devices that are not changed")
    func beside() throws {
        var policy = Samples.policy()
        policy.watch.also = WatchBeside(allLinks: true, devices: "range=core | range=eco")
        let core = Samples.device("core-1", range: "core", links: ["up-core"])
        var input = Samples.input([Samples.device("d1"), Samples.device("d2"), core], policy: policy)
        input.surveyed.removeAll { $0.device.name == "core-1" }
        let plan = try Planner.plan(input)
        let beside = try #require(plan.beside)
        #expect(beside.devices.map(\.name) == ["core-1"])
        #expect(beside.links.map(\.link.name) == ["up-core", "up-gra"])
        #expect(beside.links[0].cap == BitsPerSecond(80_000_000_000))
        #expect(!plan.devices.contains { $0.device.name == "core-1" })
        #expect(try PlanFile(PlanFile(plan).bytes, from: "x").plan == plan)
    }

    @Test("more devices beside than the limit are cut, from everywhere, and the plan says so")
    func besideLimit() throws {
        var policy = Samples.policy()
        policy.watch.also = WatchBeside(ranges: ["core"], limit: 2)
        let core = (1...4).map { Samples.device("core-\($0)", range: "core") }
        var input = Samples.input([Samples.device("d1"), Samples.device("d2")] + core, policy: policy)
        input.surveyed.removeAll { $0.device.range == "core" }
        let plan = try Planner.plan(input)
        #expect(plan.beside?.devices.map(\.name) == ["core-1", "core-3"])
        #expect(plan.warnings.contains { $0.contains("names 4 devices, its limit is 2") }, "\(plan.warnings)")
    }

    @Test("what is named beside and does not exist is an error with a suggestion")
    func besideUnknown() throws {
        var policy = Samples.policy()
        policy.watch.also = WatchBeside(links: ["up-grra"], ranges: ["eko"])
        let error = #expect(throws: InputError.self) {
            try Planner.plan(Samples.input([Samples.device("d1"), Samples.device("d2")], policy: policy))
        }
        let text = error?.complaints.map(\.description).joined(separator: "\n") ?? ""
        #expect(text.contains("link 'up-grra'") && text.contains("up-gra'") && text.contains("range 'eko'"), "\(text)")
    }

    @Test("no wave is larger than the devices that may be in debt of their peak")
    func peakCap() throws {
        var policy = Samples.policy()
        policy.peak = PeakRule(hours: MaintenanceWindow(startMinute: 1080, endMinute: 1380), devices: 1)
        policy.waveSize = WaveSize(devices: 20, share: .percent(100))
        policy.canary = CanaryRule(devices: 0)
        let plan = try Planner.plan(Samples.input(Samples.fleet(), policy: policy))
        #expect(plan.waves.allSatisfy { $0.devices.count == 1 })
        #expect(plan.waves[0].binding == .peakDebt(1))
    }
}
