import RolloutEngine

/// Facts of every kind and samples with every field, for round trips.
enum Samples {
    static var facts: [Fact] {
        let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: 1)
        let window = Verdict.Window(from: noon, to: noon + .minutes(1))
        let finding = Verdict.Finding(
            subject: "gra-eco-01 e0", failed: true, before: 0.1, after: 41.5, limit: 5, unit: "/s",
            series: [0, 1e-9, 7e22],
            unknown: UnknownReason(.timeout, "no answer\u{1b}[31m \"quoted\" \u{0}é"))
        let verdict = Verdict(
            gate: "discards", outcome: .inconclusive, reason: "why", findings: [finding], before: window, after: window)
        let alarm = Alarm(
            wave: 1, gate: "links", action: .rollBack, subjects: ["gra-core-1"], reason: "over its cap",
            before: window)
        let cohort = Cohort(model: "DCS-7050", firmware: "4.31.2F \u{1b}[31mé")
        let verbs: [OperatorRequest.Verb] = [
            .approve(wave: nil), .approve(wave: 0), .withdraw(wave: 0), .pause, .resume(nil), .resume(.operator),
            .promote(wave: 0, overriding: ["links"]), .release(cohort: cohort), .retryFailed, .rollBack(.wave(0)),
            .abort,
        ]
        return verbs.map { .requested(OperatorRequest($0, by: "ada", reason: "\u{7}\"why\"")) } + [
            .driving(holder: "ada@gra pid 1"), .waveStarted(wave: 0), .intent(step),
            .outcome(step, .done(revertsAt: noon + .minutes(10))), .outcome(step, .found(.pendingTarget(.seconds(3)))),
            .outcome(step, .failed(DriverError(.connectionLost, "broken pipe", effect: .possible))),
            .soakStarted(wave: 0), .judged(wave: 0, verdict), .alarm(alarm), .wavePassed(wave: 0),
            .paused(PauseReason(.gateUnclear, "no data")),
            .rollingBack(.all, devices: ["gra-eco-01"], because: "a gate"),
            .evidence("gra-eco-01", Evidence(items: [.init(title: "tc qdisc", output: "\u{7}bell")])),
            .cohortHeld(cohort, failed: ["gra-eco-01"]), .peakCarried("gra", window, devices: ["gra-eco-01"]),
            .finished(.rolledBack),
        ]
    }

    /// Of every kind, with texts that need care.
    static func serviceFacts() throws -> [ServiceFact] {
        let cron = try CronExpression("30 22 * * mon-fri")
        let nightly = Schedule(
            name: "nightly",
            work: .anew(
                PlanInputs(change: "/etc/rollout/double.yaml", inventory: "/etc/rollout/gra", limit: "range=eco"),
                approved: BlastRadius(devices: 40, datacentres: ["gra"], ranges: ["eco"])),
            timing: .cron(cron, zone: "Europe/Paris"))
        let tonight = Schedule(
            name: "tonight", work: .plan(path: "/srv/a \"plan\"", digest: Digest(of: "a plan")),
            timing: .once(noon + .minutes(90)), lateness: .minutes(5))
        let window = MaintenanceWindow(startMinute: 1320, endMinute: 330)
        let windows = Schedule(
            name: "windows", work: tonight.work,
            timing: .windows([Datacentre(name: "gra", timeZone: "Europe/Paris", window: window)]))
        let token = TokenRecord(
            id: "t1", name: "wall \u{1b}[31mé", role: .operator, ranges: ["eco"], datacentres: ["gra", "rbx"],
            secretDigest: Digest(of: "secret"), expiresAt: noon + .minutes(60))
        let alert = AlertRecord(
            fingerprint: "f00", name: "LinkFull", isFiring: true, labels: ["b": "<img onerror=…>", "a": "1"],
            startsAt: noon, paused: [RolloutID(7)])
        return [
            .scheduleSet(nightly), .scheduleSet(tonight), .scheduleSet(windows),
            .scheduleBegun("nightly", occurrence: noon),
            .scheduleStarted("nightly", occurrence: noon, rollout: RolloutID(3)),
            .scheduleSkipped("tonight", occurrence: noon, because: "the line is stopped"), .scheduleRemoved("nightly"),
            .lineStopped, .lineReleased, .tokenIssued(token), .tokenRevoked("t1"), .alertReceived(alert),
            .journalSealed(RolloutID(3), JournalSeal(through: 17, digest: Digest(of: "facts"))),
            .channelOpened("oncall", newest: RolloutID(3)),
            .messageBegun(
                MessageBegun(
                    channel: "oncall",
                    parts: [
                        .init(rollout: RolloutID(3), after: 4, through: 9), .init(rollout: nil, after: 0, through: 2),
                    ],
                    missed: 2)),
            .messageSettled("oncall", message: 15, notices: 7, failure: "no answer within 10s"),
            .messageSettled("oncall", message: 15, notices: 7, failure: nil),
        ]
    }

    static var samples: [CounterSample] {
        let full = InterfaceReading(
            name: "e0", index: 2, inOctets: .bits64(.max), outOctets: .bits64(1 << 63), inErrors: .bits32(.max),
            outErrors: .bits32(0), inDiscards: .bits64(0), outDiscards: .bits32(7), operStatus: 1, lastChange: .max,
            highSpeed: 10_000, discontinuity: 0)
        let lost = InterfaceReading(name: "e1", unknown: UnknownReason(.absent, "no such interface"))
        let objects = [
            ObjectReading(name: "cpu", instance: "196608", value: .level(97.25)),
            ObjectReading(name: "odd", value: .level(-.infinity)),
            ObjectReading(name: "bgp", instance: "192.0.2.1", value: .state(-6)),
            ObjectReading(name: "queue_drops", instance: "18.65536", value: .counter(.bits64(.max))),
            ObjectReading(name: "queue_drops", instance: "18.\u{1b}é", value: .counter(.bits32(.max))),
            ObjectReading(name: "bgp", unknown: UnknownReason(.absent, "no such table")),
        ]
        return [
            CounterSample(
                subject: .device("gra-eco-01"), at: noon, uptime: .max, engineBoots: 3, engineTime: 4,
                ipOutDiscards: .max, interfaces: [full, lost], objects: objects),
            CounterSample(
                subject: .link("gra-core-1"), at: noon + .seconds(1), unknown: UnknownReason(.timeout, "no answer")),
            CounterSample(subject: .link("gra-core-1"), at: noon + .seconds(2), uptime: 0, interfaces: [full]),
            CounterSample(subject: .probe("latency"), at: noon + .seconds(3), objects: [objects[0]]),
            CounterSample(subject: .queues("gra-eco-01"), at: noon + .seconds(4), uptime: 9, objects: [objects[3]]),
        ]
    }
}
