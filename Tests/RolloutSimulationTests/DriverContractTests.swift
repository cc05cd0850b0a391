import Foundation
import RolloutEngine
import RolloutSimulation
import Synchronization
import Testing

@Suite("The simulated driver keeps the contract of drivers", .timeLimit(.minutes(10)))
struct DriverContractTests {
    let at: FleetFixture

    init() throws { at = try FleetFixture() }

    @Test("a reading is canonical and repeatable, and writes nothing, not even a byte of the fleet's file")
    func observes() async throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: at.folder + "/fleet.json"))
        let first = try await at.observe()
        at.clock.advance(by: .minutes(3))
        let second = try await at.observe()
        _ = await at.sample()
        _ = try at.render(40, onto: first.config)
        #expect(first == second)
        #expect(first.hostname == "gra-eco-01")
        #expect(first.config.sections.map(\.name) == ["qdisc e0"])
        #expect(first.config.sections[0].lines == ["tbf rate 20000000bit burst 32768b latency 50000us"])
        #expect(try at.truth().writes == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: at.folder + "/fleet.json")) == before)
    }

    @Test("rendering what is there already changes nothing")
    func renders() async throws {
        let base = try await at.observe().config
        let same = ResolvedIntent.shape(
            interface: "e0", rate: BitsPerSecond(20_000_000), burst: ByteCount(32_768), trafficClass: nil)
        #expect(try at.driver.render([same], onto: base, for: at.device).isEquivalent(to: base))
    }

    @Test("what cannot be expressed or restored is refused before anything is sent")
    func unsupported() async throws {
        let base = try await at.observe().config
        let rate = BitsPerSecond(1_000_000)
        let unfit: [ResolvedIntent] = [
            .shape(interface: "e0", rate: rate, burst: ByteCount(1), trafficClass: "1:10"),
            .shape(interface: "e9", rate: rate, burst: ByteCount(1), trafficClass: nil),
            .shape(interface: "e0", rate: .zero, burst: ByteCount(1), trafficClass: nil),
        ]
        for intent in unfit {
            let error = await trouble { _ = try at.driver.render([intent], onto: base, for: at.device) }
            #expect(error?.code == .unsupported)
            #expect(error?.effect == DriverError.Effect.none)
        }
        try at.fleet.edit("gra-eco-01", section: "qdisc e0", lines: ["htb default 1"])
        let foreign = try await at.observe().config
        #expect(await trouble { _ = try at.render(40, onto: foreign) }?.code == .unsupported)
    }

    @Test("push, confirm: the target stays for good, and was pushed once")
    func pushesAndConfirms() async throws {
        let order = try await at.order()
        let pushed = try await at.driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.pendingRevert == PendingRevert(mark: order.mark, remaining: .minutes(10)))
        at.clock.advance(by: .minutes(9))
        #expect(try await at.observe().pendingRevert?.remaining == .minutes(1))
        let confirmed = try await at.driver.confirm(order)
        #expect(confirmed.pendingRevert == nil)
        at.clock.advance(by: .minutes(60))
        #expect(try await at.observe().config.isEquivalent(to: order.desired))
        #expect(try at.truth().pushes == [order.mark: 1])
    }

    @Test("without the right to drive nothing is sent that changes the device; reading goes on")
    func withoutPermit() async throws {
        let order = try await at.order()
        let none = Permit { false }
        let push = await trouble { _ = try await at.driver.push(order, permit: none) }
        #expect(push?.code == .leaseOver && push?.effect == DriverError.Effect.none)
        #expect(try at.truth().writes == 0)
        // It ends between arming and applying.
        let uses = Mutex(0)
        let once = Permit {
            uses.withLock { uses in
                uses += 1
                return uses == 1
            }
        }
        let cut = await trouble { _ = try await at.driver.push(order, permit: once) }
        #expect(cut?.code == .leaseOver && cut?.effect == .possible)
        #expect(try at.truth().writes == 1)
        #expect(await trouble { _ = try await at.driver.rollBack(order, permit: none) }?.code == .leaseOver)
        #expect(try at.truth().timer != nil)
        _ = try await at.driver.rollBack(order)
        _ = try await at.driver.push(order)
        #expect(await trouble { _ = try await at.driver.confirm(order, permit: none) }?.code == .leaseOver)
        #expect(try at.truth().timer != nil)
        _ = try await at.observe()
    }

    @Test("confirming what is confirmed succeeds and writes nothing")
    func confirmsTwice() async throws {
        let order = try await at.order()
        _ = try await at.driver.push(order)
        _ = try await at.driver.confirm(order)
        let writes = try at.truth().writes
        #expect(try await at.driver.confirm(order).config.isEquivalent(to: order.desired))
        #expect(try at.truth().writes == writes)
    }

    @Test("unconfirmed, the device reverts by itself at its deadline, not before")
    func reverts() async throws {
        let order = try await at.order()
        _ = try await at.driver.push(order)
        at.clock.advance(by: .minutes(10) - .milliseconds(1))
        #expect(try await at.observe().config.isEquivalent(to: order.desired))
        at.clock.advance(by: .milliseconds(1))
        let seen = try await at.observe()
        #expect(seen.config.isEquivalent(to: order.base))
        #expect(seen.pendingRevert == nil)
        let late = await trouble { _ = try await at.driver.confirm(order) }
        #expect(late?.code == .verifyMismatch)
        #expect(late?.effect == DriverError.Effect.none)
        #expect(try at.truth().reverts == 1)
    }

    @Test("a rollback restores exactly the base, before and after the confirmation, and twice is once")
    func rollsBack() async throws {
        for confirms in [false, true] {
            let order = try await at.order(mark: "rollout-\(confirms ? 2 : 1)-gra-eco-01")
            _ = try await at.driver.push(order)
            if confirms { _ = try await at.driver.confirm(order) }
            let back = try await at.driver.rollBack(order)
            #expect(back.config == order.base)
            #expect(back.pendingRevert == nil)
            let writes = try at.truth().writes
            #expect(try await at.driver.rollBack(order).config == order.base)
            #expect(try at.truth().writes == writes)
        }
    }

    @Test("a device that answers with another name is left alone by push, confirm and rollback")
    func wrongHostname() async throws {
        let order = try await at.order()
        try at.fleet.inject(.wrongHostname("rbx-adv-09"), on: "gra-eco-01")
        #expect(try await at.observe().hostname == "rbx-adv-09")
        let calls: [(PushOrder) async throws -> Void] = [
            { _ = try await at.driver.push($0) }, { _ = try await at.driver.confirm($0) },
            { _ = try await at.driver.rollBack($0) },
        ]
        for call in calls {
            let error = await trouble { try await call(order) }
            #expect(error?.code == .wrongDevice)
            #expect(error?.effect == DriverError.Effect.none)
            #expect(error?.message.contains("rbx-adv-09") == true)
        }
        #expect(try at.truth().writes == 0)
    }

    @Test("an address that leads to another device than planned is noticed before anything is sent")
    func swappedAddresses() async throws {
        var order = try await at.order()
        order.device.address = "198.51.100.2"
        #expect(await trouble { _ = try await at.driver.push(order) }?.code == .wrongDevice)
        #expect(try at.fleet.device("gra-eco-02").writes == 0)
    }

    @Test("a device that was edited by hand since the plan is not pushed to")
    func drifted() async throws {
        let order = try await at.order()
        try at.fleet.edit(
            "gra-eco-01", section: "qdisc e0", lines: ["tbf rate 21000000bit burst 32768b latency 50000us"])
        let writes = try at.truth().writes
        let error = await trouble { _ = try await at.driver.push(order) }
        #expect(error?.code == .drifted)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(try at.truth().writes == writes)
        #expect(try at.truth().timer == nil)
    }

    @Test("a second push of the same order never applies twice")
    func pushedTwice() async throws {
        let order = try await at.order()
        _ = try await at.driver.push(order)
        #expect(await trouble { _ = try await at.driver.push(order) }?.effect == DriverError.Effect.none)
        #expect(try at.truth().pushes == [order.mark: 1])
    }

    @Test("somebody else's revert timer is neither overwritten, nor confirmed, nor disarmed")
    func foreignTimer() async throws {
        let theirs = try await at.order(mark: "rollout-1-gra-eco-01")
        _ = try await at.driver.push(theirs)
        let ours = try await at.order(megabits: 50, mark: "rollout-2-gra-eco-01")
        #expect(await trouble { _ = try await at.driver.push(ours) }?.code == .timerNotArmed)
        var same = theirs
        same.mark = ours.mark
        #expect(await trouble { _ = try await at.driver.confirm(same) }?.code == .drifted)
        #expect(await trouble { _ = try await at.driver.rollBack(same) }?.code == .drifted)
        #expect(try at.truth().timer?.mark == theirs.mark)
    }

    @Test("a lost reply is possibly an effect, and reading tells which", arguments: Fault.Call.allCases)
    func lostReplies(_ call: Fault.Call) async throws {
        let order = try await at.order()
        if call != .push { _ = try await at.driver.push(order) }
        try at.fleet.inject(.dropsReply(call), on: "gra-eco-01")
        let error = await trouble {
            switch call {
            case .push: _ = try await at.driver.push(order)
            case .confirm: _ = try await at.driver.confirm(order)
            case .rollBack: _ = try await at.driver.rollBack(order)
            }
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.effect == .possible)
        let seen = try await at.observe()
        #expect(seen.config.isEquivalent(to: call == .rollBack ? order.base : order.desired))
        #expect((seen.pendingRevert != nil) == (call == .push))
    }

    @Test("a device that acknowledges and does nothing is found out by reading back")
    func liar() async throws {
        let order = try await at.order()
        try at.fleet.inject(.liar, on: "gra-eco-01")
        let error = await trouble { _ = try await at.driver.push(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(error?.effect == .possible)
        let seen = try await at.observe()
        #expect(seen.config == order.base)
        #expect(seen.pendingRevert?.mark == order.mark)
        #expect(try await at.driver.rollBack(order).pendingRevert != nil)
    }

    @Test("a changed host key and a missing route stop every call before anything is sent", arguments: [true, false])
    func stopped(_ key: Bool) async throws {
        let order = try await at.order()
        try at.fleet.inject(key ? .changedHostKey : .unreachable, on: "gra-eco-01")
        let calls: [() async throws -> Void] = [
            { _ = try await at.observe() }, { _ = try await at.driver.push(order) },
            { _ = try await at.driver.confirm(order) }, { _ = try await at.driver.rollBack(order) },
        ]
        for call in calls {
            let error = await trouble(call)
            #expect(error?.code == (key ? .hostKeyChanged : .unreachable))
            #expect(error?.effect == DriverError.Effect.none)
        }
        #expect(try at.truth().writes == 0)
        let evidence = await at.driver.collectEvidence(at.device, scope: at.scope, within: .seconds(1))
        #expect(evidence.items.map(\.title) == ["nothing could be collected"])
        try at.fleet.heal("gra-eco-01")
        _ = try await at.driver.push(order)
    }

    @Test("a slow device answers in its time, and not at all when that is longer than allowed")
    func slow() async throws {
        let order = try await at.order()
        try at.fleet.inject(.slow(.seconds(40)), on: "gra-eco-01")
        let start = at.clock.now()
        let clock = at.clock
        let mover = Task {
            while !Task.isCancelled {
                if let next = clock.nextWake { clock.advance(to: next) }
                await Task.yield()
            }
        }
        defer { mover.cancel() }
        #expect(await trouble { _ = try await at.driver.push(order) }?.code == .timeout)
        #expect(at.clock.now() - start == .seconds(30))
        #expect(try at.truth().writes == 0)
        let seen = try await at.driver.observe(at.device, scope: at.scope, within: .seconds(60))
        #expect(seen.config == order.base)
        #expect(at.clock.now() - start == .seconds(70))
    }

    @Test("evidence shows configuration, timer and boots, and changes nothing")
    func evidence() async throws {
        let order = try await at.order()
        _ = try await at.driver.push(order)
        let writes = try at.truth().writes
        let evidence = await at.driver.collectEvidence(at.device, scope: at.scope, within: .seconds(1))
        #expect(evidence.items.count == 3)
        #expect(evidence.items[0].output.contains("tbf rate 40000000bit"))
        #expect(evidence.items[1].output.contains(order.mark))
        #expect(try at.truth().writes == writes)
    }

    @Test("files are written, read back and put back like shaping")
    func files() async throws {
        let scope = ConfigScope(files: ["/etc/motd"])
        let base = try await at.driver.observe(at.device, scope: scope, within: .seconds(1)).config
        #expect(base.sections.map(\.lines) == [[]])
        let intent = ResolvedIntent.file(path: "/etc/motd", content: "a\n\nb", mode: "0644", reload: nil)
        let desired = try at.driver.render([intent], onto: base, for: at.device)
        let order = PushOrder(
            device: at.device, base: base, desired: desired, mark: "rollout-9-gra-eco-01", revertAfter: .minutes(1),
            limit: .seconds(9))
        #expect(try await at.driver.push(order).config.sections[0].lines == ["mode 0644", "a", "", "b"])
        #expect(try await at.driver.rollBack(order).config == base)
    }
}
