internal import RolloutEngine

/// What a scenario is about: its fleet and its plan.
struct ScenarioPlan: Sendable {
    let inventory: Inventory
    let change: Change
    let policy: Policy

    init(_ scenario: Scenario) {
        let places = (0..<scenario.places).map { ["gra", "rbx", "sbg"][$0 % 3] }
        // What is changed line by line can only be caught half done where there are two lines.
        let interfaces = scenario.styles.contains(.lineByLine) ? ["e0", "e1"] : ["e0"]
        var devices: [Device] = []
        for place in places {
            for number in 1...scenario.devicesPerPlace {
                let style = scenario.styles[devices.count % scenario.styles.count]
                devices.append(
                    Device(
                        name: DeviceName(rawValue: "\(place)-\(number)"),
                        address: "198.51.100.\(devices.count + 1)", platform: "simulated", range: "eco",
                        datacentre: DatacentreName(rawValue: place),
                        domains: scenario.isUnpaired == true
                            ? [] : [FailureDomain(kind: "pair", value: "\(place)-\((number + 1) / 2)")],
                        links: ["up"],
                        interfaces: interfaces,
                        snmp: SNMPSettings(community: .environment("X")),
                        variables: ["bandwidth": .text("10Mbit"), "style": .text(style.rawValue)]))
            }
        }
        let link = Link(
            name: "up", capacity: BitsPerSecond(1_000_000_000),
            counters: LinkCounters(
                address: "198.51.100.250", interface: "up0", snmp: SNMPSettings(community: .environment("X"))))
        inventory = Inventory(
            name: "night", devices: devices, links: [link],
            datacentres: places.map { Datacentre(name: DatacentreName(rawValue: $0), timeZone: "Europe/Paris") },
            ranges: ["eco"])
        // Harm: a tenth of what was promised.
        change = Change(
            name: "night",
            intents: interfaces.map {
                .shape(ShapingIntent(interface: $0, egressRate: scenario.isHarmful ? "1Mbit" : "20Mbit"))
            })
        policy = Policy(
            name: "night", waveSize: WaveSize(devices: scenario.waveSize, share: .percent(100)),
            inFlight: InFlightCaps(overall: scenario.inFlight, perDatacentre: scenario.inFlightPerPlace),
            soak: .seconds(60), watch: WatchRule(poll: .seconds(15), baseline: .seconds(60)),
            gates: scenario.isUngated == true
                ? []
                : [
                    GateRule(
                        name: "traffic",
                        condition: .traffic(maximumDrop: .percent(30), minimumRate: BitsPerSecond(10_000)),
                        onFail: .rollBack),
                    GateRule(name: "interfaces", condition: .interfaces, onFail: .rollBack),
                    GateRule(name: "links", condition: .links, onFail: .pause),
                ], revertTimer: scenario.revertTimer)
    }
}
