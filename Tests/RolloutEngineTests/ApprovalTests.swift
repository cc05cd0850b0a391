import Testing

@testable import RolloutEngine

/// A wave that waits for people begins with their word, and with nothing else.
@Suite("Approvals")
struct ApprovalTests {
    private static let author = "ada"

    /// A rollout that was watched for long, in which only people are missing.
    private struct Waiting {
        let reconciler: Reconciler
        var state = RolloutState()
        var now = Samples.start + .minutes(120)

        init(_ rules: [ApprovalRule], changing isChanged: (Device) -> Bool = { _ in true }) throws {
            var policy = Samples.policy()
            policy.approvals = rules
            var input = Samples.input(Samples.fleet(), policy: policy)
            input.surveyed.removeAll { !isChanged($0.device) }
            let plan = try Planner.plan(input)
            reconciler = Reconciler(plan: plan)
            add(.created(planDigest: Digest(of: "plan"), by: ApprovalTests.author))
            add(.driving(holder: "runner"))
        }

        mutating func add(_ fact: Fact) {
            state.apply(JournalEntry(sequence: state.sequence + 1, at: now, fence: 1, fact: fact))
        }

        mutating func approve(_ wave: Int?, by person: String) {
            add(.requested(OperatorRequest(.approve(wave: wave), by: person, reason: "looked at it")))
        }

        /// The waves that begin now.
        var starts: [Int] {
            reconciler.next(state, at: now, watchedSince: Samples.start).compactMap {
                if case .record(.waveStarted(let wave)) = $0 { wave } else { nil }
            }
        }

        var words: [String] { reconciler.awaitedApprovals(state, at: now).map(\.words) }
    }

    @Test("two people are two people, and neither is who created the rollout")
    func twoPeople() throws {
        var waiting = try Waiting([ApprovalRule(before: .rollout, people: 2)])
        #expect(waiting.starts.isEmpty)
        #expect(waiting.words == ["the rollout waits for the approval of 2 people other than its author"])
        waiting.approve(nil, by: Self.author)
        waiting.approve(nil, by: "grace")
        waiting.approve(nil, by: "grace")
        #expect(waiting.starts.isEmpty)
        #expect(
            waiting.words == [
                "the rollout waits for the approval of 2 people other than its author; approved by grace; not counted: ada, who created the rollout"
            ])
        // The word for a wave is none for the rollout.
        waiting.approve(0, by: "joan")
        #expect(waiting.starts.isEmpty)
        waiting.approve(nil, by: "joan")
        #expect(waiting.starts == [0])
        #expect(waiting.words.isEmpty)
    }

    @Test("each wave waits for its own word, of those who are asked")
    func eachWave() throws {
        var waiting = try Waiting([ApprovalRule(before: .wave, by: ["grace", "joan"])])
        waiting.approve(0, by: "eve")
        #expect(waiting.starts.isEmpty)
        #expect(
            waiting.words == [
                "wave 0 waits for the approval of 1 of grace, joan; not counted: eve, who is not asked"
            ])
        waiting.approve(1, by: "grace")
        #expect(waiting.starts.isEmpty)
        waiting.approve(0, by: "joan")
        #expect(waiting.starts == [0])
    }

    @Test("an approval is good until the very moment at which it expires")
    func expiry() throws {
        var waiting = try Waiting([ApprovalRule(before: .rollout, expires: .minutes(60))])
        waiting.approve(nil, by: "grace")
        waiting.now = waiting.now + .minutes(60) - .milliseconds(1)
        #expect(waiting.starts == [0])
        waiting.now = waiting.now + .milliseconds(1)
        #expect(waiting.starts.isEmpty)
        #expect(waiting.words.first?.hasSuffix("not counted: grace, whose approval expired after 1h") == true)
        // Said again, it counts again.
        waiting.approve(nil, by: "grace")
        #expect(waiting.starts == [0])
    }

    @Test("what is withdrawn does not count")
    func withdrawn() throws {
        var waiting = try Waiting([ApprovalRule(before: .rollout)])
        waiting.approve(nil, by: "grace")
        // Nobody takes back the word of somebody else.
        waiting.add(.requested(OperatorRequest(.withdraw(wave: nil), by: "eve")))
        #expect(waiting.starts == [0])
        waiting.add(.requested(OperatorRequest(.withdraw(wave: nil), by: "grace")))
        #expect(waiting.starts.isEmpty)
    }

    @Test("a wave that was put back needs a word of its own when it is tried again; what has begun goes on without one")
    func putBack() throws {
        var waiting = try Waiting([ApprovalRule(before: .wave, expires: .minutes(60))])
        waiting.approve(0, by: "grace")
        waiting.add(.waveStarted(wave: 0))
        func pushes(_ waiting: Waiting) -> Int {
            waiting.reconciler.next(waiting.state, at: waiting.now, watchedSince: Samples.start).count {
                if case .perform(let step) = $0 { step.kind == .push } else { false }
            }
        }
        #expect(pushes(waiting) > 0)
        let device = try #require(waiting.reconciler.plan.waves.first?.devices.first)
        waiting.add(.intent(DeviceStep(device: device, kind: .push, attempt: 1)))
        waiting.add(.outcome(DeviceStep(device: device, kind: .push, attempt: 1), .done(revertsAt: nil)))
        waiting.add(.rollingBack(.wave(0), devices: [device], because: "a gate failed"))
        waiting.add(.intent(DeviceStep(device: device, kind: .rollBack, attempt: 1)))
        waiting.add(.outcome(DeviceStep(device: device, kind: .rollBack, attempt: 1), .found(.base)))
        waiting.add(.requested(OperatorRequest(.retryFailed, by: "ada")))
        waiting.now = waiting.now + .minutes(30)
        #expect(pushes(waiting) == 0)
        #expect(waiting.words.first?.hasPrefix("wave 0 waits") == true)
        waiting.approve(0, by: "grace")
        #expect(pushes(waiting) > 0)
        waiting.add(.intent(DeviceStep(device: device, kind: .push, attempt: 2)))
        waiting.add(.outcome(DeviceStep(device: device, kind: .push, attempt: 2), .found(.target)))
        // The wave has begun: the word may expire.
        waiting.now = waiting.now + .minutes(61)
        #expect(waiting.words.isEmpty)
    }

    @Test("a rule of other ranges or datacentres asks for nothing")
    func elsewhere() throws {
        func starts(_ rule: ApprovalRule) throws -> [Int] {
            try Waiting([rule]) { $0.range == "eco" && $0.datacentre == "gra" }.starts
        }
        #expect(try starts(ApprovalRule(before: .rollout, ranges: ["hg"])) == [0])
        #expect(try starts(ApprovalRule(before: .wave, datacentres: ["rbx"])) == [0])
        #expect(try starts(ApprovalRule(before: .wave, ranges: ["eco"])) == [])
    }

    @Test("no combination of words that do not count lets anything begin", arguments: 0..<300 as Range<UInt64>)
    func anything(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let people = Int.random(in: 1...3, using: &random)
        let rule = ApprovalRule(
            before: Bool.random(using: &random) ? .rollout : .wave, people: people,
            by: Bool.random(using: &random) ? ["b", "c", "d"] : nil,
            expires: Bool.random(using: &random) ? .minutes(5) : nil)
        var waiting = try Waiting([rule])
        var given: [String: Instant] = [:]
        for _ in 0..<20 {
            let person = ["ada", "b", "c", "d", "e"].randomElement(using: &random) ?? "b"
            let wave = [nil, 0, 1].randomElement(using: &random) ?? nil
            let isAbout = rule.before == .rollout ? wave == nil : wave == 0
            if Int.random(in: 0..<4, using: &random) == 0 {
                waiting.add(.requested(OperatorRequest(.withdraw(wave: wave), by: person)))
                if isAbout { given[person] = nil }
            } else {
                waiting.approve(wave, by: person)
                if isAbout { given[person] = waiting.now }
            }
            waiting.now = waiting.now + .seconds(Int64.random(in: 0...120, using: &random))
            let counted = given.filter { name, at in
                name != "ada" && rule.by?.contains(name) ?? true && rule.expires.map { waiting.now < at + $0 } ?? true
            }
            #expect(waiting.starts == (counted.count >= people ? [0] : []), "seed \(seed)")
        }
    }

    @Test("who may not approve is told why before it is recorded")
    func refusals() throws {
        var waiting = try Waiting([ApprovalRule(before: .wave, by: ["grace", "ada"])])
        func refusal(_ wave: Int?, _ person: String, withdrawing: Bool = false, scheduler: String? = nil) -> String? {
            ApprovalRefusal(
                of: wave, by: person, withdrawing: withdrawing, waiting.reconciler.plan, waiting.state,
                scheduler: scheduler, at: waiting.now)?.words
        }
        let last = waiting.reconciler.plan.waves.count - 1
        #expect(refusal(99, "grace") == "there is no wave 99; there are 0 to \(last)")
        #expect(
            refusal(nil, "grace")?.hasPrefix(
                "the policy asks for no approval of the rollout; it asks for that of waves 0") == true)
        #expect(refusal(0, "ada") == "ada created this rollout; somebody else has to approve it")
        #expect(
            refusal(0, "grace", scheduler: "grace") == "grace scheduled this rollout; somebody else has to approve it")
        #expect(refusal(0, "eve") == "eve is not asked to approve wave 0; asked are: ada, grace")
        #expect(refusal(0, "grace", withdrawing: true) == "grace has not approved wave 0")
        #expect(refusal(0, "grace") == nil)
        #expect(refusal(last, "grace") == nil)
        waiting.approve(0, by: "grace")
        #expect(refusal(0, "grace", withdrawing: true) == nil)
        waiting.add(.waveStarted(wave: 0))
        #expect(refusal(0, "grace", withdrawing: true) == nil, "nothing was pushed yet, and it would be heard")
        let device = try #require(waiting.reconciler.plan.waves.first?.devices.first)
        waiting.add(.intent(DeviceStep(device: device, kind: .push, attempt: 1)))
        #expect(refusal(0, "grace") == "wave 0 has begun already")
        #expect(refusal(0, "grace", withdrawing: true) == "wave 0 has begun: pause it, or put it back")
        // Put back, it needs a new word, which can be taken back in its turn.
        waiting.add(.rollingBack(.wave(0), devices: [device], because: "grace asked"))
        #expect(refusal(0, "grace", withdrawing: true) == "grace has not approved wave 0")
        waiting.now = waiting.now + .seconds(60)
        waiting.approve(0, by: "grace")
        #expect(refusal(0, "grace", withdrawing: true) == nil)
    }

    @Test(
        "a rule for a range or a datacentre that is nowhere would ask for nothing: it is an error, with the nearest name"
    )
    func unknownPlaces() throws {
        var policy = Samples.policy()
        policy.approvals = [ApprovalRule(before: .wave, ranges: ["ecco"], datacentres: ["gra"])]
        let error = #expect(throws: InputError.self) {
            try Planner.plan(Samples.input(Samples.fleet(), policy: policy))
        }
        #expect(error?.complaints.count == 1)
        #expect(error?.complaints.first?.message.contains("approvals name range 'ecco'") == true)
        policy.approvals = [ApprovalRule(before: .wave, ranges: ["eco"], datacentres: ["gra", "sbg9"])]
        let other = #expect(throws: InputError.self) {
            try Planner.plan(Samples.input(Samples.fleet(), policy: policy))
        }
        #expect(other?.complaints.first?.message.contains("approvals name datacentre 'sbg9'") == true)
    }
}
