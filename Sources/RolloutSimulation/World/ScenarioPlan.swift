internal import RolloutEngine

/// What a scenario is about: its fleet and its plan.
struct ScenarioPlan: Sendable {
    let inventory: Inventory
    let change: Change
    let policy: Policy
    /// What is changed; neighbours are not.
    let selected: [Device]
    private let firmwares: Int?

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
                        address: "198.51.100.\(devices.count + 1)", platform: "simulated",
                        range: scenario.mixesRanges == true && number % 2 == 0 ? "pro" : "eco",
                        datacentre: DatacentreName(rawValue: place),
                        domains: scenario.isUnpaired == true
                            ? [] : [FailureDomain(kind: "pair", value: "\(place)-\((number + 1) / 2)")],
                        links: ["up"],
                        interfaces: interfaces,
                        snmp: SNMPSettings(community: .environment("X")),
                        variables: [
                            "bandwidth": .text("10Mbit"), "style": .text(style.rawValue),
                            "tells_parts": .text(scenario.tellsParts == true ? "yes" : "no"),
                        ]))
            }
        }
        let link = Link(
            name: "up", capacity: BitsPerSecond(1_000_000_000),
            counters: LinkCounters(
                address: "198.51.100.250", interface: "up0", snmp: SNMPSettings(community: .environment("X"))))
        selected = devices
        firmwares = scenario.firmwares
        var links = [link]
        if scenario.hasNeighbours == true {
            let snmp = SNMPSettings(community: .environment("X"))
            devices += (1...2).map { number in
                Device(
                    name: DeviceName(rawValue: "core-\(number)"), address: "198.51.100.\(200 + number)",
                    platform: "simulated", range: "core", datacentre: DatacentreName(rawValue: places[0]),
                    interfaces: ["c0"], snmp: snmp, variables: ["bandwidth": .text("10Mbit")])
            }
            links.append(
                Link(
                    name: "core", capacity: BitsPerSecond(1_000_000_000),
                    counters: LinkCounters(address: "198.51.100.251", interface: "core0", snmp: snmp)))
        }
        inventory = Inventory(
            name: "night", devices: devices, links: links,
            datacentres: places.enumerated().map { Self.datacentre($1, number: $0, scenario) },
            ranges: ["eco", "pro", "core"])
        // Harm: a tenth of what was promised.
        change = Change(
            name: "night",
            intents: interfaces.map {
                .shape(ShapingIntent(interface: $0, egressRate: scenario.isHarmful ? "1Mbit" : "20Mbit"))
            })
        policy = Policy(
            name: "night", waveSize: WaveSize(devices: scenario.waveSize, share: .percent(100)),
            inFlight: InFlightCaps(overall: scenario.inFlight, perDatacentre: scenario.inFlightPerPlace),
            soak: .seconds(60),
            watch: WatchRule(
                poll: .seconds(15), baseline: .seconds(60),
                also: scenario.hasNeighbours == true ? WatchBeside(allLinks: true, ranges: ["core"]) : nil),
            gates: scenario.isUngated == true
                ? []
                : Self.errors(scenario) + [
                    GateRule(
                        name: "traffic",
                        condition: .traffic(maximumDrop: .percent(30), minimumRate: BitsPerSecond(10_000)),
                        onFail: .rollBack, patience: scenario.bearsUnclear.map { GatePatience(inconclusive: $0) }),
                    GateRule(name: "interfaces", condition: .interfaces, onFail: .rollBack),
                    GateRule(name: "links", condition: .links, onFail: .pause),
                ] + Self.restarts(scenario) + Self.others(scenario),
            budgets: FailureBudgets(
                wave: .init(
                    devices: scenario.borneFailures ?? (scenario.firmwares == nil ? 0 : 3),
                    reaction: scenario.putsBackFailures == true ? .rollBackWave : .pause)),
            cohorts: scenario.firmwares.map { _ in
                CohortRule(reaction: scenario.pausesForFirmware == true ? .pause : .hold)
            }, peak: scenario.peak.map(Self.rule),
            approvals: scenario.approvals.map { asked in
                [
                    ApprovalRule(
                        before: asked.beforeEachWave ? .wave : .rollout, people: asked.people, expires: asked.expire)
                ]
            }, revertTimer: scenario.revertTimer,
            deadlines: Deadlines(wave: scenario.waveDeadline ?? .minutes(30)))
    }

    private static func errors(_ scenario: Scenario) -> [GateRule] {
        let errors = GateRule(name: "errors", condition: .errors(maximumPerSecond: 1), onFail: .rollBack)
        let discards = GateRule(name: "discards", condition: .discards(maximumPerSecond: 5), onFail: .pause)
        return (scenario.countsErrors == true ? [errors] : []) + (scenario.countsDiscards == true ? [discards] : [])
    }

    private static func restarts(_ scenario: Scenario) -> [GateRule] {
        scenario.watchesRestarts == true ? [GateRule(name: "restarts", condition: .reboot, onFail: .pause)] : []
    }

    private static func others(_ scenario: Scenario) -> [GateRule] {
        // bgpPeerState (BGP4-MIB, RFC 4273), of which 6 is established.
        let peers = ObjectCondition(
            [ObjectCondition.Source([1, 3, 6, 1, 2, 1, 15, 3, 1, 2], isColumn: true, kind: .state)], stays: [6])
        var rules: [GateRule] = []
        if scenario.watchesPeers == true {
            rules.append(GateRule(name: "bgp", condition: .object(peers), onFail: .rollBack))
        }
        if scenario.watchesUse == true {
            rules.append(GateRule(name: "utilisation", condition: .utilisation(maximum: .percent(95)), onFail: .pause))
        }
        if scenario.watchesReach == true {
            rules.append(GateRule(name: "reachability", condition: .reachability, onFail: .pause))
        }
        return rules
    }

    private static func datacentre(_ name: String, number: Int, _ scenario: Scenario) -> Datacentre {
        let isApart = number == 1 && scenario.secondOpensAfter != nil
        return Datacentre(
            name: DatacentreName(rawValue: name), timeZone: isApart ? "America/New_York" : "Europe/Paris",
            window: scenario.window.map { window in
                guard isApart, let later = scenario.secondOpensAfter else {
                    return hours(from: window.after, lasting: window.length)
                }
                return hours(from: window.after + later, lasting: window.length, behindParis: 6 * 60)
            })
    }

    private static func rule(_ peak: Scenario.Peak) -> PeakRule {
        PeakRule(hours: hours(from: peak.after, lasting: peak.length), days: peak.days, devices: peak.cap)
    }

    /// Nights begin at 23:13:20 in Paris.
    private static func hours(from after: Timespan, lasting length: Timespan, behindParis: Int = 0)
        -> MaintenanceWindow
    {
        let start = 23 * 60 + 14 - behindParis + Int(after.seconds / 60)
        let end = start + Int(length.seconds / 60)
        return MaintenanceWindow(startMinute: start % 1440, endMinute: end % 1440)
    }

    /// The same devices with the firmware that each of them says it runs; one part of them says none.
    func withFirmware(_ surveyed: [SurveyedDevice]) -> [SurveyedDevice] {
        guard let firmwares else { return surveyed }
        return surveyed.enumerated().map { index, one in
            guard case .target(var target) = one.finding else { return one }
            let part = index % (firmwares + 1)
            target.model = "simulated"
            target.firmware = part < firmwares ? "\(part).0" : nil
            return SurveyedDevice(device: one.device, finding: .target(target))
        }
    }
}
