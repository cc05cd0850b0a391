import Foundation
import Logging
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite(
    "NETCONF: the driver with a real server", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: NETCONFBench.isPossible, "needs openssh-server and netconfd"))
struct NETCONFDriverTests {
    private func trouble(_ body: () async throws -> Void) async -> DriverError? {
        do { try await body() } catch { return error as? DriverError }
        return nil
    }

    /// Waits until nothing is pending any more. Not too often: this server looks at its timers only in a second without work.
    private func settled(_ bench: NETCONFBench) async throws -> Observation {
        for _ in 0..<6 {
            try await Task.sleep(for: .milliseconds(2200))
            let now = try await bench.observe()
            if now.pendingRevert == nil { return now }
        }
        return try await bench.observe()
    }

    /// Where the device stands, once sessions that were cut off have ended on its side, too.
    private func standing(_ bench: NETCONFBench, _ order: PushOrder, becomes expected: Standing) async throws
        -> Standing?
    {
        var last: Standing?
        for _ in 0..<50 {
            last = (try? await bench.observe()).map { Standing($0, under: order) }
            if last == expected { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return last
    }

    @Test(
        "the whole life of a change: read, planned, pushed, confirmed, rolled back; each again without harm",
        arguments: [SSHSettings.Client.builtIn, .openSSH])
    func wholeLife(_ client: SSHSettings.Client) async throws {
        let bench = try await NETCONFBench.make(client: client)
        let before = try await bench.observe()
        #expect(before.hostname == "gra-eco-01" && before.serial == "NC2411")
        #expect(before.pendingRevert == nil)
        #expect(before.config.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
        #expect(
            before.config.sections.first?.lines == [
                #"<shaping xmlns="urn:rollout:shaping">"#, " <burst>32768</burst>", " <rate>20000000</rate>",
                "</shaping>",
            ])
        let order = try await bench.order(30_000_000)
        #expect(order.scope == NETCONFBench.scope)
        #expect(try bench.driver.render([], onto: before.config, for: bench.device) == before.config)

        let pushed = try await bench.driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.config.shapedRate(of: "e0") == BitsPerSecond(30_000_000))
        #expect(pushed.pendingRevert?.mark == order.mark)
        #expect(Standing(try await bench.observe(), under: order) == .pendingTarget(nil))
        #expect(Standing(try await bench.driver.push(order), under: order) == .pendingTarget(nil))

        for _ in 0..<2 {
            #expect(Standing(try await bench.driver.confirm(order), under: order) == .target)
            #expect(Standing(try await bench.observe(), under: order) == .target)
        }
        for _ in 0..<2 {
            #expect(Standing(try await bench.driver.rollBack(order), under: order) == .base)
            #expect(Standing(try await bench.observe(), under: order) == .base)
        }
        _ = try await bench.driver.push(order)
        #expect(Standing(try await bench.driver.rollBack(order), under: order) == .base)
    }

    @Test("shaping that was not there comes and goes")
    func fresh() async throws {
        let bench = try await NETCONFBench.make()
        let scope = ConfigScope(interfaces: ["e7"])
        let base = try await bench.driver.observe(bench.device, scope: scope, within: .seconds(20)).config
        #expect(base.sections == [.init(name: "shaping e7", lines: [])])
        let intent = ResolvedIntent.shape(
            interface: "e7", rate: BitsPerSecond(1_000_000), burst: ByteCount(2000), trafficClass: nil)
        let order = PushOrder(
            device: bench.device, base: base, desired: try bench.driver.render([intent], onto: base, for: bench.device),
            mark: "rollout-1-x", revertAfter: .seconds(60), limit: .seconds(30))
        _ = try await bench.driver.push(order)
        #expect(try await bench.driver.confirm(order).config.shapedRate(of: "e7") == BitsPerSecond(1_000_000))
        #expect(try await bench.driver.rollBack(order).config == base)
    }

    @Test(
        "a confirmed commit outlives its session, times out, and reverts; confirming afterwards fails, rolling back succeeds"
    )
    func timesOut() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000, revertAfter: .seconds(2))
        _ = try await bench.driver.push(order)
        #expect(Standing(try await settled(bench), under: order) == .base)
        let late = await trouble { _ = try await bench.driver.confirm(order) }
        #expect(late?.code == .verifyMismatch)
        #expect(late?.effect == DriverError.Effect.none)
        #expect(late?.message == "the device is on its base")
        #expect(Standing(try await bench.driver.rollBack(order), under: order) == .base)
    }

    @Test(
        "cut off after the edit, nothing was committed, and the next push takes up the candidate that was left behind")
    func cutAfterEdit() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        let cut = NETCONFDriver(bench.model, over: CuttingTransport(transport: bench.transport, word: "<edit-config"))
        let error = await trouble { _ = try await cut.push(order) }
        #expect(error?.code == .connectionLost)
        #expect(error?.effect == .possible)
        #expect(try await standing(bench, order, becomes: .base) == .base)
        #expect(Standing(try await bench.driver.push(order), under: order) == .pendingTarget(nil))
    }

    @Test(
        "cut off after the commit, the device is found pending on its target, and can be confirmed",
        arguments: [false, true])
    func cutAfterCommit(isConfirmed: Bool) async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        let cut = NETCONFDriver(bench.model, over: CuttingTransport(transport: bench.transport, word: "<confirmed"))
        let error = await trouble { _ = try await cut.push(order) }
        #expect(error?.code == .connectionLost)
        #expect(error?.effect == .possible)
        #expect(try await standing(bench, order, becomes: .pendingTarget(nil)) == .pendingTarget(nil))
        if isConfirmed {
            #expect(Standing(try await bench.driver.confirm(order), under: order) == .target)
        } else {
            #expect(Standing(try await bench.driver.rollBack(order), under: order) == .base)
        }
    }

    @Test("a confirmation whose answer is lost is found done; so is a rollback")
    func cutLater() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        let cut = NETCONFDriver(bench.model, over: CuttingTransport(transport: bench.transport, word: "<persist-id"))
        _ = try await bench.driver.push(order)
        let error = await trouble { _ = try await cut.confirm(order) }
        #expect(error?.code == .connectionLost)
        #expect(error?.effect == .possible)
        #expect(Standing(try await bench.driver.confirm(order), under: order) == .target)
        _ = try await bench.driver.rollBack(order)
        _ = try await bench.driver.push(order)
        #expect(await trouble { _ = try await cut.rollBack(order) }?.effect == .possible)
        #expect(Standing(try await bench.driver.rollBack(order), under: order) == .base)
    }

    @Test(
        "who holds a lock is named, and nothing is sent to the device",
        arguments: [NETCONF.Datastore.running, .candidate])
    func locked(_ datastore: NETCONF.Datastore) async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        let other = try await bench.session()
        try await other.demand(NETCONF.lock(datastore))
        let error = await trouble { _ = try await bench.driver.push(order) }
        #expect(error?.code == .locked)
        #expect(error?.isTransient == true)
        #expect(error?.effect == DriverError.Effect.none)
        let holder = "(\(ThrowawayAccount.name) from 127.0.0.1), perhaps one of ours that was cut off,"
        #expect(error?.message.contains("\(holder) holds the lock of the \(datastore)") == true)
        if datastore == .running {
            #expect(await trouble { _ = try await bench.observe() }?.message.contains("cannot be known") == true)
        }
        await other.close()
        #expect(Standing(try await bench.driver.push(order), under: order) == .pendingTarget(nil))
    }

    @Test("somebody's changes in the candidate are neither committed nor discarded")
    func dirtyCandidate() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        let other = try await bench.session()
        func isUntouched() async throws -> Bool {
            let data = try await other.demand(NETCONF.getConfig(.candidate)).data
            return data?.xml.contains("<rate>5000000</rate>") == true
        }
        try await bench.edit(on: other)
        let error = await trouble { _ = try await bench.driver.push(order) }
        #expect(error?.code == .refused)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("somebody's changes wait in the candidate") == true)
        #expect(try await isUntouched())
        #expect(Standing(try await bench.observe(), under: order) == .base)
        try await other.demand(NETCONF.discardChanges)

        _ = try await bench.driver.push(order)
        try await bench.edit(on: other)
        let second = await trouble { _ = try await bench.driver.confirm(order) }
        #expect(second?.message.contains("the confirmation would commit them") == true)
        #expect(second?.effect == DriverError.Effect.none)
        #expect(try await isUntouched())
        try await other.demand(NETCONF.discardChanges)
        #expect(Standing(try await bench.driver.confirm(order), under: order) == .target)
        await other.close()
    }

    @Test("a confirmed commit of somebody else is left alone")
    func foreignCommit() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        let other = try await bench.session()
        try await bench.edit(on: other)
        try await other.demand(NETCONF.commit(revertingAfter: 60, persist: "theirs"))
        let pushed = await trouble { _ = try await bench.driver.push(order) }
        #expect(pushed?.code == .timerNotArmed)
        #expect(pushed?.effect == DriverError.Effect.none)
        let rolledBack = await trouble { _ = try await bench.driver.rollBack(order) }
        #expect(rolledBack?.code == .refused)
        #expect(rolledBack?.message.contains("not ours") == true)
        #expect(rolledBack?.effect == DriverError.Effect.none)
        #expect(try await bench.observe().pendingRevert?.mark == PendingRevert.unsigned)
        try await other.demand(NETCONF.cancelCommit("theirs"))

        var theirs = order
        theirs.mark = "theirs"
        _ = try await bench.driver.push(theirs)
        let confirmed = await trouble { _ = try await bench.driver.confirm(order) }
        #expect(confirmed?.message.contains("not ours") == true)
        #expect(confirmed?.effect == DriverError.Effect.none)
        #expect(Standing(try await bench.observe(), under: theirs) == .pendingTarget(nil))
        await other.close()
    }

    @Test("nothing is sent to another device, to one that drifted, or without the permit")
    func refusals() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000)
        var wrong = order
        wrong.device.hostname = "gra-eco-02"
        #expect(await trouble { _ = try await bench.driver.push(wrong) }?.code == .wrongDevice)
        #expect(await trouble { _ = try await bench.driver.confirm(wrong) }?.code == .wrongDevice)
        #expect(await trouble { _ = try await bench.driver.rollBack(wrong) }?.code == .wrongDevice)
        var replaced = order
        replaced.device.serial = "NC2412"
        let swapped = await trouble { _ = try await bench.driver.push(replaced) }
        #expect(swapped?.code == .wrongDevice && swapped?.message.contains("NC2411") == true)
        var drifted = order
        drifted.base.sections[0].lines = []
        let error = await trouble { _ = try await bench.driver.push(drifted) }
        #expect(error?.code == .drifted)
        #expect(error?.effect == DriverError.Effect.none)
        let late = await trouble { _ = try await bench.driver.push(order, permit: Permit { false }) }
        #expect(late?.code == .leaseOver)
        #expect(late?.effect == DriverError.Effect.none)
        #expect(Standing(try await bench.observe(), under: order) == .base)
        #expect(Standing(try await bench.driver.push(order), under: order) == .pendingTarget(nil))
    }

    @Test("what the device refuses leaves no trace, not in the candidate either")
    func refusedValue() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(100)
        let error = await trouble { _ = try await bench.driver.push(order) }
        #expect(error?.code == .refused)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("rate") == true, "\(error?.message ?? "")")
        let session = try await bench.session()
        try await session.demand(NETCONF.lock(.candidate))
        await session.close()
        #expect(Standing(try await bench.observe(), under: order) == .base)
    }

    @Test("a commit that the device takes without carrying it out is found out")
    func lyingCommit() async throws {
        let bench = try await NETCONFBench.make()
        let order = try await bench.order(30_000_000, revertAfter: .seconds(2))
        var model = bench.model
        model.validates = true
        let error = await trouble { _ = try await NETCONFDriver(model, over: bench.transport).push(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(error?.effect == .possible)
    }

    @Test("of two pushes at once, one is refused and the device holds the other's whole change")
    func twoAtOnce() async throws {
        let bench = try await NETCONFBench.make()
        let orders = [try await bench.order(30_000_000, mark: "one"), try await bench.order(40_000_000, mark: "two")]
        let errors = await withTaskGroup(of: (Int, DriverError?).self) { group in
            for (index, order) in orders.enumerated() {
                group.addTask { (index, await trouble { _ = try await bench.driver.push(order) }) }
            }
            var errors: [DriverError?] = [nil, nil]
            for await (index, error) in group { errors[index] = error }
            return errors
        }
        // Both may be refused, when each finds the other's lock; never both taken.
        let winners = errors.indices.filter { errors[$0] == nil }
        #expect(winners.count <= 1, "\(errors)")
        if let winner = winners.first {
            #expect(Standing(try await bench.driver.confirm(orders[winner]), under: orders[winner]) == .target)
        }
    }

    @Test("evidence holds what is announced, both configurations, sessions and locks")
    func evidence() async throws {
        let bench = try await NETCONFBench.make()
        let items = await bench.driver.collectEvidence(bench.device, scope: NETCONFBench.scope, within: .seconds(20))
            .items
        #expect(items.count == 4)
        #expect(items.first?.output.contains("confirmed-commit:1.1") == true)
        #expect(items.dropFirst().first?.output.contains("<rate>20000000</rate>") == true)
        #expect(items.last?.output.contains("<username>\(ThrowawayAccount.name)</username>") == true)
    }

    @Test("-vv says each request, how it ended and what came back")
    func log() async throws {
        let bench = try await NETCONFBench.make()
        let lines = LogLines()
        let logs = DeviceLogs(secrets: EnvironmentAndFileSecrets(), log: lines.logger(.debug))
        let driver = NETCONFDriver(bench.model, over: bench.transport, logs: logs)
        _ = try await driver.observe(bench.device, scope: NETCONFBench.scope, within: .seconds(20))
        #expect(lines.all.first?.hasPrefix("eco-01 connected to ") == true, "\(lines.all)")
        #expect(lines.all.contains { $0.hasPrefix("eco-01 ran `<get-config") && $0.contains(": done after ") })
        #expect(lines.all.contains { $0.hasPrefix("eco-01   ") && $0.contains("20000000") }, "\(lines.all)")
    }
}
