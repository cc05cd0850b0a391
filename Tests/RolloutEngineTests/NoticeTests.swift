import Foundation
import Testing

@testable import RolloutEngine

/// What is told of a rollout, when, and in which words.
@Suite("Notices")
struct NoticeTests {
    private static let record = RolloutRecord(
        id: RolloutID(217), title: "double", planDigest: Digest(of: "plan"), createdAt: Samples.start,
        createdBy: "alice")

    private func at(_ seconds: Int64) -> Instant { Samples.start + .seconds(seconds) }

    private func plan() throws -> Plan {
        try Planner.plan(Samples.input(Samples.fleet()))
    }

    private func notice(_ sequence: Int64, at seconds: Int64 = 0, rollout: Int64 = 217, _ device: String? = nil)
        -> Notice
    {
        Notice(
            place: NoticePlace(rollout: RolloutID(rollout), sequence: sequence), at: at(seconds),
            kind: device == nil ? .paused : .deviceFailed, severity: device == nil ? .critical : .warning,
            text: device.map { "\($0) failed: no" } ?? "paused (budget): three failed",
            device: device.map { DeviceName(rawValue: $0) }, command: device == nil ? "rollout retry 217 --failed" : nil
        )
    }

    private func opened() -> ServiceState {
        var state = ServiceState()
        state.apply(entry(1, .channelOpened("oncall", newest: RolloutID(200))))
        return state
    }

    private func entry(_ sequence: Int64, at seconds: Int64 = 0, _ fact: ServiceFact) -> ServiceEntry {
        ServiceEntry(
            sequence: sequence, at: at(seconds), by: "serve", reason: nil, fact: fact,
            chain: Digest(of: "entry \(sequence)"))
    }

    private let channel = NoticeChannel(name: "oncall", receiver: .generic, url: .environment("URL"))

    @Test("every kind of pause is told, with its reason and the next command")
    func everyPause() throws {
        let plan = try plan()
        for kind in PauseReason.Kind.allCases {
            var reader = NoticeReader(Self.record, plan: plan)
            let entry = JournalEntry(
                sequence: 1, at: at(0), fence: 1, fact: .paused(PauseReason(kind, "because of this")))
            let taken = reader.take(entry)
            let notice = try #require(taken)
            #expect(notice.kind == .paused && notice.severity >= .info)
            #expect(notice.text.contains("because of this"))
            #expect(notice.text.contains(kind.rawValue.replacing("_", with: " ")))
            #expect(notice.command?.hasPrefix("rollout ") == true, "\(kind)")
        }
    }

    @Test("a course: started, waves, a gate, who resumed, put back, another driver, the end")
    func course() throws {
        var reader = NoticeReader(Self.record, plan: try plan())
        let verdict = Verdict(
            gate: "traffic", outcome: .fail, reason: "less traffic", findings: [],
            before: .init(from: at(0), to: at(1)), after: .init(from: at(1), to: at(2)))
        let facts: [Fact] = [
            .created(planDigest: Digest(of: "plan"), by: "alice"), .driving(holder: "one"), .waveStarted(wave: 0),
            .judged(wave: 0, verdict), .requested(OperatorRequest(.resume(nil), by: "bob", reason: "seen")),
            .driving(holder: "two"), .wavePassed(wave: 0),
            .rollingBack(.all, devices: ["a", "b"], because: "bob asked"), .finished(.rolledBack),
        ]
        var kinds: [Notice.Kind] = []
        var texts = ""
        for (index, fact) in facts.enumerated() {
            let entry = JournalEntry(sequence: Int64(index + 1), at: at(Int64(index)), fence: 1, fact: fact)
            guard let notice = reader.take(entry) else { continue }
            #expect(notice.place == NoticePlace(rollout: RolloutID(217), sequence: Int64(index + 1)))
            kinds.append(notice.kind)
            texts += notice.text + "\n"
        }
        #expect(kinds == [.started, .gate, .asked, .driverChanged, .wavePassed, .rollingBack, .finished])
        #expect(texts.contains("bob asks for resume: seen") && texts.contains("two") && texts.contains("less traffic"))
    }

    @Test(
        "a storm of 10,000 failures is one message with the count and the first names, and nothing of it is told twice")
    func storm() throws {
        var state = opened()
        let storm = (1...10_000).map { notice(Int64($0), at: 0, "sw-\($0)") }
        let pending = storm + [notice(10_001, at: 0)]
        let its = try #require(state.channels["oncall"])
        #expect(NoticeClerk.next(channel, its, pending: pending, at: at(1)) == nil)
        let begun = try #require(NoticeClerk.next(channel, its, pending: pending, at: at(2)))
        #expect(pending.allSatisfy { begun.holds($0.place) })
        state.apply(entry(2, at: 2, .messageBegun(begun)))
        let open = try #require(state.channels["oncall"]?.open)
        let message = try #require(
            NoticeMessage(id: open.id, pending, titles: [RolloutID(217): "double"], missed: 0, publicURL: "https://r/"))
        #expect(message.lines.count == 2)
        #expect(message.lines[0].hasPrefix("10000 devices failed: sw-1, sw-2, sw-3, sw-4, sw-5 and 9995 more"))
        #expect(message.command == "rollout retry 217 --failed" && message.link == "https://r/rollouts/217")
        for receiver in NoticeChannel.Receiver.allCases {
            #expect(MessageBody.bytes(of: message, for: receiver).count < 28_000, "\(receiver)")
        }
        let after = try #require(state.channels["oncall"])
        #expect(!pending.contains { after.isNew($0) })
        #expect(after.isNew(notice(10_002)))
    }

    @Test("in a minute there are no more messages than allowed, and the last one tells all that waits")
    func limit() throws {
        var state = opened()
        var told: Set<NoticePlace> = []
        let all = (1...40).map { notice(7, at: 0, rollout: Int64(300 + $0)) }
        var begunAt: [Int64] = []
        var sequence: Int64 = 1
        for second in Int64(2)...200 {
            let its = try #require(state.channels["oncall"])
            let pending = all.filter { its.isNew($0) }
            guard let begun = NoticeClerk.next(channel, its, pending: pending, at: at(second)) else { continue }
            for one in pending where begun.holds(one.place) { #expect(told.insert(one.place).inserted) }
            begunAt.append(second)
            state.apply(entry(sequence + 1, at: second, .messageBegun(begun)))
            state.apply(
                entry(
                    sequence + 2, at: second, .messageSettled("oncall", message: sequence + 1, notices: 1, failure: nil)
                ))
            sequence += 2
        }
        #expect(told.count == 40)
        for second in begunAt { #expect(begunAt.count { $0 > second - 60 && $0 <= second } <= channel.perMinute) }
        #expect(begunAt.count == channel.perMinute)
    }

    @Test("what was given up is said by the next message, and counted until one is delivered")
    func givenUp() throws {
        var state = opened()
        let one = notice(1)
        let itsbegun = try #require(state.channels["oncall"])
        let begun = try #require(NoticeClerk.next(channel, itsbegun, pending: [one], at: at(2)))
        state.apply(entry(2, at: 2, .messageBegun(begun)))
        state.apply(entry(3, at: 9, .messageSettled("oncall", message: 2, notices: 4, failure: "dead")))
        #expect(state.channels["oncall"]?.missed == 4 && state.channels["oncall"]?.givenUp?.because == "dead")
        let itsnext = try #require(state.channels["oncall"])
        let next = try #require(NoticeClerk.next(channel, itsnext, pending: [notice(9, at: 50)], at: at(60)))
        #expect(next.missed == 4)
        let message = try #require(NoticeMessage(id: "x", [one], titles: [:], missed: 4, publicURL: nil))
        #expect(message.lines.last?.contains("4 notices before this one could not be delivered") == true)
        state.apply(entry(4, at: 60, .messageBegun(next)))
        state.apply(entry(5, at: 61, .messageSettled("oncall", message: 4, notices: 1, failure: nil)))
        #expect(state.channels["oncall"]?.missed == 0)
    }

    @Test("nothing that comes from elsewhere comes alive at a receiver")
    func hostile() throws {
        var hostile = notice(1, at: 0, "x")
        hostile.text = "<!channel> <@U1> <https://evil|here> @all @here [x](https://evil) ``` <at>you</at> & *b*"
        let message = try #require(
            NoticeMessage(id: "x", [hostile], titles: [RolloutID(217): "<!here> @channel"], missed: 0, publicURL: nil))
        let slack = String(decoding: MessageBody.bytes(of: message, for: .slack), as: UTF8.self)
        #expect(!slack.contains("<") && !slack.contains(">") && slack.contains("&lt;!channel&gt;"))
        #expect(!slack.contains("\"mrkdwn\",\"text\""))
        let mattermost = String(decoding: MessageBody.bytes(of: message, for: .mattermost), as: UTF8.self)
        for word in ["@all", "@here", "@channel", "<!channel", "<!here"] {
            #expect(!mattermost.contains(word), "\(word)")
        }
        #expect(mattermost.ranges(of: "```").count == 2)
        let teams = String(decoding: MessageBody.bytes(of: message, for: .teams), as: UTF8.self)
        #expect(!teams.contains("<at>") && !teams.contains("\"TextBlock\"") && teams.contains("TextRun"))
        for receiver in NoticeChannel.Receiver.allCases {
            let body = MessageBody.bytes(of: message, for: receiver)
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: body) }
        }
    }

    @Test(
        "addresses that are not public are refused, however they are written",
        arguments: [
            "127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.31.0.1", "192.168.1.1", "224.0.0.1",
            "0.0.0.0",
            "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
            "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::127.0.0.1",
            "::ffff:0:7f00:1", "64:ff9b:2::1", "4000::1", "1::1",
        ])
    func forbidden(_ text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.refusal(allowing: []) != nil)
        let range = try #require(AddressRange(text))
        #expect(address.refusal(allowing: [range]) == nil)
    }

    @Test("public addresses are reached", arguments: ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "100.128.0.1"])
    func open(_ text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.refusal(allowing: []) == nil)
    }

    @Test("a file is read strictly, with a place for each complaint, and a secret that is written out is not shown")
    func file() throws {
        let good = """
            public_url: https://rollout.example.net
            channels:
              oncall: {kind: slack, url: 'file:/etc/rollout/slack', severity: warning, rollouts: ['qos-*'], per_minute: 4}
              pager: {kind: generic, url: 'env:URL', secret: 'env:KEY', allow: [10.0.0.0/8], fold: 10s, give_up: 30m}
            """
        let read = try NoticeChannels.read(Array(good.utf8), file: "notify.yaml")
        #expect(read.channels.map(\.name.rawValue) == ["oncall", "pager"])
        #expect(read.channels[0].wants(notice(1), of: "qos-double"))
        #expect(!read.channels[0].wants(notice(1), of: "other"))
        let bad = """
            channels:
              oncall: {kind: slak, url: 'https://hooks.example/CANARY', severty: info}
              pager: {kind: generic, url: 'env:URL', allow: [10.0.0.1/8]}
            """
        do {
            _ = try NoticeChannels.read(Array(bad.utf8), file: "notify.yaml")
            Issue.record("it was read")
        } catch {
            let text = error.description
            for word in [
                "notify.yaml:2", "notify.yaml:3", "severty", "slack, mattermost", "has no secret", "10.0.0.1/8",
            ] {
                #expect(text.contains(word), "\(word) in \(text)")
            }
            #expect(!text.contains("CANARY"))
        }
    }
}
