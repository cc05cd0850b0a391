import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("NETCONF: the driver with odd devices", .timeLimit(.minutes(1)))
struct NETCONFOddityTests {
    private let device = Device(
        name: "gra-eco-01", address: "198.51.100.1", platform: "netconf_test", range: "eco", datacentre: "gra")

    private func driver(_ scripted: ScriptedDevice, validates: Bool = true) throws -> NETCONFDriver {
        var model = try NETCONFModelReader.read(Array(NETCONFBench.modelText.utf8), file: "test.yaml")
        model.validates = validates
        return NETCONFDriver(model, over: scripted)
    }

    /// What pushing 30 Mbit/s came to.
    private func push(_ scripted: ScriptedDevice) async throws -> Result<Observation, DriverError> {
        let driver = try driver(scripted)
        let order = try await order(ScriptedDevice())
        do { return .success(try await driver.push(order)) } catch { return .failure(error) }
    }

    private func order(_ scripted: ScriptedDevice) async throws -> PushOrder {
        let driver = try driver(scripted)
        let base = try await driver.observe(device, scope: ConfigScope(interfaces: ["e0"]), within: .seconds(20)).config
        let intent = ResolvedIntent.shape(
            interface: "e0", rate: BitsPerSecond(30_000_000), burst: ByteCount(16384), trafficClass: nil)
        return PushOrder(
            device: device, base: base, desired: try driver.render([intent], onto: base, for: device), mark: "m",
            revertAfter: .seconds(60), limit: .seconds(20))
    }

    private func error(_ result: Result<Observation, DriverError>) -> DriverError? {
        if case .failure(let error) = result { return error }
        return nil
    }

    @Test("a plain device is pushed in this order, and validated")
    func plain() async throws {
        let scripted = ScriptedDevice()
        #expect(try await push(scripted).get().pendingRevert?.mark == "m")
        #expect(
            scripted.log == [
                "get", "get", "lock", "get-config", "lock", "edit-config", "get-config", "validate", "commit", "unlock",
                "unlock",
                "close-session", "get", "get", "lock", "get-config", "close-session",
            ])
        #expect(scripted.running == "30000000")
    }

    @Test("what it is may be answered in elements of its own, or not at all; an answer to anything else may not")
    func facts() async throws {
        var model = try NETCONFModelReader.read(Array(NETCONFBench.modelText.utf8), file: "test.yaml")
        model.facts?.ask = Markup("get-facts", in: NETCONF.base)
        func observe(_ facts: String?) async throws -> Observation {
            try await NETCONFDriver(model, over: ScriptedDevice(.init(facts: facts))).observe(
                device, scope: ConfigScope(interfaces: ["e0"]), within: .seconds(20))
        }
        #expect(try await observe("<system xmlns=\"urn:a\"><serial>S1</serial></system>").serial == "S1")
        #expect(try await observe(nil).serial == nil)
        #expect(throws: NETCONFGarbled.self) {
            try NETCONFReply(try MarkupReader.read(Array("<rpc-reply><system/></rpc-reply>".utf8)))
        }
    }

    @Test(
        "a device without persistent confirmed commits is not touched",
        arguments: [
            ["candidate:1.0", "confirmed-commit:1.0"], ["candidate:1.0"], ["confirmed-commit:1.1"],
        ])
    func incapable(_ capabilities: [String]) async throws {
        let scripted = ScriptedDevice(.init(capabilities: capabilities))
        let error = error(try await push(scripted))
        #expect(error?.code == .unsupported)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(scripted.log == ["close-session"])
        #expect(
            try await driver(scripted).collectEvidence(device, scope: ConfigScope(), within: .seconds(5)).items.count
                == 1)
    }

    @Test("a device that does not show its commit pending counts as one whose timer is not armed")
    func unprovedTimer() async throws {
        let error = error(try await push(ScriptedDevice(.init(refusal: nil))))
        #expect(error?.code == .timerNotArmed)
        #expect(error?.effect == .possible)
    }

    @Test(
        "a denied lock that nobody holds is a pending commit; one that somebody holds, or where it is not told, is unknown"
    )
    func lockDenied() async throws {
        let pending = ScriptedDevice(.init(refusal: "lock-denied", tellsOfLocks: true))
        #expect(try await push(pending).get().pendingRevert?.mark == "m")
        for (oddities, code) in [
            (ScriptedDevice.Oddities(refusal: "lock-denied", listsLock: true, tellsOfLocks: true), .locked),
            (ScriptedDevice.Oddities(refusal: "lock-denied"), .locked),
            (ScriptedDevice.Oddities(refusal: "resource-denied"), .refused),
        ] as [(ScriptedDevice.Oddities, DriverError.Code)] {
            let error = error(try await push(ScriptedDevice(oddities)))
            #expect(error?.code == code)
            #expect(error?.effect == .possible)
        }
    }

    @Test(
        "where what it starts with is kept apart, what is confirmed is copied there, and read back where it can be",
        arguments: [true, false])
    func startup(isRead: Bool) async throws {
        let scripted = ScriptedDevice(.init(capabilities: Self.withStartup, readsStartup: isRead))
        func copies() -> Int { scripted.log.count { $0 == "copy-config" } }
        let driver = try driver(scripted)
        let order = try await order(scripted)
        #expect(try await driver.push(order).isSaved == nil)
        #expect(scripted.startup == "20000000" && copies() == 0)
        _ = try await driver.confirm(order)
        #expect(scripted.startup == "30000000" && copies() == 1)
        // Asked for once more, it is saved again only where nothing shows that it was.
        _ = try await driver.confirm(order)
        #expect(copies() == (isRead ? 1 : 2))
        #expect(try await driver.observe(device, scope: order.scope, within: .seconds(5)).isSaved == isRead)
        _ = try await driver.rollBack(order)
        #expect(scripted.running == "20000000" && scripted.startup == "20000000")
    }

    @Test("what was not saved is said: the confirmation failed, and may have changed the device")
    func lostStartup() async throws {
        let scripted = ScriptedDevice(.init(capabilities: Self.withStartup, keepsStartup: false))
        let driver = try driver(scripted)
        let order = try await order(scripted)
        _ = try await driver.push(order)
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .verifyMismatch && error?.effect == .possible)
        #expect(error?.message.contains("what it starts with") == true)
        #expect(try await driver.observe(device, scope: order.scope, within: .seconds(5)).isSaved == false)
    }

    private static let withStartup = ["candidate:1.0", "confirmed-commit:1.1", "startup:1.0"]

    @Test(
        "a candidate that is locked by a session 0 because of what waits in it: ours is taken up, another's is left alone"
    )
    func leftover() async throws {
        #expect(try await push(ScriptedDevice(.init(leftover: "30000000"))).get().pendingRevert?.mark == "m")
        let theirs = ScriptedDevice(.init(leftover: "5000000"))
        let error = error(try await push(theirs))
        #expect(error?.code == .refused && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("somebody's changes wait") == true)
        #expect(theirs.candidate == "5000000" && theirs.running == "20000000")
    }

    @Test("a confirmation that leaves the commit pending is not one")
    func staysPending() async throws {
        let scripted = ScriptedDevice(.init(staysPending: true))
        let driver = try driver(scripted)
        let order = try await order(ScriptedDevice())
        _ = try await driver.push(order)
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(error?.effect == .possible)
    }

    @Test("a candidate that is not what was sent is discarded and never committed")
    func rounded() async throws {
        let scripted = ScriptedDevice(.init(rounds: { _ in "29999999" }))
        let error = error(try await push(scripted))
        #expect(error?.code == .verifyMismatch)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("29999999") == true)
        #expect(!scripted.log.contains("commit"))
        #expect(scripted.candidate == "20000000")
    }

    @Test("a refused commit leaves a clean candidate and is said to be possibly done")
    func refusedCommit() async throws {
        let scripted = ScriptedDevice(.init(refusesCommits: true))
        let error = error(try await push(scripted))
        #expect(error?.code == .refused)
        #expect(error?.effect == .possible)
        #expect(scripted.candidate == "20000000")
    }
}
