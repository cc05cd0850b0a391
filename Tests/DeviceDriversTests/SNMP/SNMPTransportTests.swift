import Glibc
import RolloutEngine
import Synchronization
import Testing

@testable import DeviceDrivers

@Suite("SNMP on the wire", .timeLimit(.minutes(10)))
struct SNMPTransportTests {
    @Test("an agent that does not answer is unknown, with address, time and tries")
    func timeout() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow(ScriptedAgent.silent)
        let clock = ContinuousClock()
        let start = clock.now
        let sample = await SNMPCounterSource.forTests().sample(
            agent.watched(timeout: .milliseconds(100), retries: 2))
        #expect(
            sample.unknown
                == UnknownReason(.timeout, "no answer from 127.0.0.1 port \(agent.port) within 100ms, asked 3 times"))
        #expect(sample.interfaces.isEmpty)
        #expect(sample.uptime == nil)
        #expect(agent.requests.count == 3)
        #expect(start.duration(to: clock.now) >= .milliseconds(300))
    }

    @Test("a request that was lost is sent again and its answer counts")
    func lostOnce() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { [weak agent] request, table in
            agent?.requests.count.isMultiple(of: 2) == true ? ScriptedAgent.honest(request, table) : []
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(timeout: .milliseconds(500)))
        #expect(sample.unknown == nil)
        #expect(sample.interfaces.first?.inErrors == .bits32(1014))
    }

    @Test("late and double answers to an earlier request are dropped")
    func lateDuplicate() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        _ = await source.sample(agent.watched())
        let stale = try #require(agent.gets.last.map(AgentTable().answer))
        agent.change { $0.objects[AgentTable.ifTable(14, 1)] = .counter32(5555) }
        agent.follow { request, table in
            [.answer(stale), .answer(stale)] + ScriptedAgent.honest(request, table)
                + ScriptedAgent.honest(request, table)
        }
        for _ in 0..<3 {
            let sample = await source.sample(agent.watched())
            #expect(sample.interfaces.first?.inErrors == .bits32(5555))
        }
    }

    @Test("an answer from another address or port is dropped, even with the right number")
    func foreignSource() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        let source = SNMPCounterSource.forTests()
        _ = await source.sample(agent.watched())
        agent.follow { request, table in
            var forged = table
            forged.objects[AgentTable.ifTable(14, 1)] = .counter32(666)
            return [.fromElsewhere(forged.answer(to: request)), .wait(milliseconds: 20)]
                + ScriptedAgent.honest(request, table)
        }
        #expect(await source.sample(agent.watched()).interfaces.first?.inErrors == .bits32(1014))
        agent.follow { request, table in [.fromElsewhere(table.answer(to: request))] }
        let sample = await source.sample(agent.watched(timeout: .milliseconds(100)))
        #expect(sample.unknown?.code == .timeout)
    }

    @Test("an answer with another number, another kind or another version is dropped")
    func wrongIdentity() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            let honest = table.answer(to: request)
            var other = honest
            other.requestID += 1
            var question = honest
            question.kind = .get
            var version1 = honest
            version1.version = 0
            return [.answer(other), .answer(question), .answer(version1)]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched(timeout: .milliseconds(100)))
        #expect(sample.unknown?.code == .timeout)
    }

    @Test("an answer about other objects is an agent with an error, not a reading")
    func otherObjects() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            var answer = table.answer(to: request)
            if request.kind == .get { answer.bindings.reverse() }
            return [.answer(answer)]
        }
        #expect(await SNMPCounterSource.forTests().sample(agent.watched()).unknown?.code == .agentError)
        agent.follow { request, table in
            var answer = table.answer(to: request)
            if request.kind == .get { answer.bindings.removeLast() }
            return [.answer(answer)]
        }
        #expect(await SNMPCounterSource.forTests().sample(agent.watched()).unknown?.code == .agentError)
    }

    @Test("cut off and senseless datagrams are dropped and the answer after them counts")
    func garbage() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in
            let whole = table.answer(to: request).encoded
            let cut = [0, 1, 2, 5, whole.count / 2, whole.count - 1].map { Array(whole.prefix($0)) }
            let noise = (0..<4).map { seed in (0..<100).map { UInt8(truncatingIfNeeded: ($0 + seed) &* 2_654_435) } }
            return (cut + noise).map { .octets($0) } + [.octets(whole)]
        }
        let sample = await SNMPCounterSource.forTests().sample(agent.watched())
        #expect(sample.unknown == nil)
        #expect(sample.interfaces.map(\.inErrors) == [.bits32(1014), .bits32(2014)])
    }

    @Test("silent agents hold up nobody else, and no more than the window is under way")
    func manySilent() async throws {
        let hung = try ScriptedAgent()
        let healthy = try ScriptedAgent()
        defer {
            hung.stop()
            healthy.stop()
        }
        hung.follow(ScriptedAgent.silent)
        let source = SNMPCounterSource.forTests()
        let ended = Count()
        await withTaskGroup(of: CounterSample.self) { group in
            for number in 0..<700 {
                group.addTask {
                    let sample = await source.sample(hung.watched(["eth\(number)"], timeout: .minutes(1), retries: 0))
                    ended.add()
                    return sample
                }
                if number == 399 {
                    #expect(await source.sample(healthy.watched()).unknown == nil)
                    #expect(ended.value == 0, "the healthy agent had to wait for the silent ones")
                }
            }
            while hung.requests.count < SNMPExchange.window { try? await Task.sleep(for: .milliseconds(20)) }
            try? await Task.sleep(for: .milliseconds(300))
            #expect(hung.requests.count == SNMPExchange.window)
            await source.stop()
            for await sample in group { #expect(sample.unknown != nil) }
        }
    }

    @Test("readings of one agent follow one another")
    func oneAtATime() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow { request, table in [.wait(milliseconds: 200)] + ScriptedAgent.honest(request, table) }
        let source = SNMPCounterSource.forTests()
        await withTaskGroup(of: CounterSample.self) { group in
            for _ in 0..<10 {
                group.addTask { await source.sample(agent.watched(timeout: .seconds(1), retries: 0)) }
            }
            for await sample in group { #expect(sample.unknown == nil) }
        }
    }

    @Test("a source that was stopped gives up at once and asks nobody any more")
    func stop() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        agent.follow(ScriptedAgent.silent)
        let source = SNMPCounterSource.forTests()
        let underWay = Task { await source.sample(agent.watched(timeout: .seconds(30))) }
        while agent.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        await source.stop()
        #expect(await underWay.value.unknown?.code == .notAsked)
        #expect(await source.sample(agent.watched()).unknown?.code == .notAsked)
        #expect(agent.requests.count == 1)
    }

    @Test("an agent is reached over IPv6 and by name")
    func otherAddresses() async throws {
        let agent = try ScriptedAgent(isIPv6: true)
        defer { agent.stop() }
        #expect(await SNMPCounterSource.forTests().sample(agent.watched()).unknown == nil)
        let other = try ScriptedAgent()
        defer { other.stop() }
        var watched = other.watched()
        watched.address = "localhost"
        let source = SNMPCounterSource.forTests()
        var sample = await source.sample(watched)
        // The name may mean ::1 first, where nobody answers; then the next address has its turn.
        if sample.unknown?.code == .timeout { sample = await source.sample(watched) }
        #expect(sample.unknown == nil)
    }

    @Test("what cannot be asked is said to be so, and the community is never shown")
    func notAsked() async throws {
        let agent = try ScriptedAgent()
        defer { agent.stop() }
        var cases: [(WatchedAgent, FixedSecrets, String)] = []
        var watched = agent.watched()
        watched.snmp.community = nil
        cases.append((watched, FixedSecrets(), "sw-1 has no SNMP community"))
        watched = agent.watched()
        watched.snmp.community = .environment("UNSET")
        cases.append((watched, FixedSecrets(), "env:UNSET is not set"))
        cases.append((agent.watched(), FixedSecrets(values: ["TEST": ""]), "is the SNMP community empty"))
        watched = agent.watched()
        watched.snmp.port = 70_000
        cases.append((watched, FixedSecrets(), "70000 is no UDP port"))
        watched = agent.watched()
        watched.address = "nowhere.invalid"
        cases.append((watched, FixedSecrets(), "cannot find the address of 'nowhere.invalid'"))
        cases.append(
            (
                agent.watched(namespace: "rollout-none"), FixedSecrets(),
                "network namespace 'rollout-none': there is none"
            ))
        cases.append((agent.watched(namespace: "../net"), FixedSecrets(), "is not the name of a network namespace"))
        for (watched, secrets, words) in cases {
            let sample = await SNMPCounterSource.forTests(secrets).sample(watched)
            let unknown = try #require(sample.unknown)
            #expect(unknown.code == .notAsked)
            #expect(unknown.detail.contains(words), "\(unknown)")
            #expect(!unknown.detail.contains("test-community"))
        }
        #expect(agent.requests.isEmpty)
    }

    @Test("an agent in a network namespace is asked inside it", .enabled(if: geteuid() == 0, "needs root"))
    func namespace() async throws {
        let name = "rollout-snmp-\(getpid())"
        guard try ChildProcess("/usr/sbin/ip", ["netns", "add", name]).status() == 0 else {
            return withKnownIssue("this machine makes no network namespaces") { Issue.record("ip netns add failed") }
        }
        _ = try ChildProcess("/usr/sbin/ip", ["-n", name, "link", "set", "lo", "up"]).status()
        let agent = try ScriptedAgent(namespace: name)
        let source = SNMPCounterSource.forTests()
        let inside = await source.sample(agent.watched(namespace: name))
        let outside = await source.sample(agent.watched(timeout: .milliseconds(100)))
        agent.stop()
        _ = try ChildProcess("/usr/sbin/ip", ["netns", "delete", name]).status()
        #expect(inside.interfaces.first?.inErrors == .bits32(1014))
        #expect(outside.unknown?.code == .timeout)
        let gone = await SNMPCounterSource.forTests().sample(agent.watched(namespace: name))
        #expect(gone.unknown?.code == .notAsked)
    }
}

/// How often something happened, counted from several tasks.
private final class Count: Sendable {
    private let number = Atomic<Int>(0)
    var value: Int { number.load(ordering: .relaxed) }
    func add() { number.add(1, ordering: .relaxed) }
}
