import Foundation
import Glibc
import RolloutEngine
import RolloutStore
import Testing

/// `rollout serve` itself, on a simulated fleet: killed, told to end, watched by systemd.
@Suite("The service as a process", .serialized, .timeLimit(.minutes(10)))
struct ServeProgramTests {
    @Test(
        "kill -9 at any moment of a scheduled night: one rollout, every device changed once, and nothing is left behind"
    )
    func killed() async throws {
        try await Bench.lend { bench in
            let plan = try await bench.plan()
            try await bench.runs("schedule", "add", "tonight", "--plan", plan, "--at", "now", "--yes")
            var serve = try bench.serve()
            for _ in 1...6 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...5000)))
                _ = await serve.kill()
                serve = try bench.serve()
            }
            try await bench.waits { status in status.phase == .done }
            let rollouts = try await bench.store().rollouts()
            #expect(
                rollouts.map(\.createdBy).allSatisfy { $0.hasPrefix("schedule tonight, due ") } && rollouts.count == 1)
            for device in try await bench.devices() {
                #expect(device.cap == BitsPerSecond(8_000_000), "\(device)")
            }
            let facts = try await bench.store().entries(of: RolloutID(1), after: 0)
            // Whoever took over asked first: no device got its change twice.
            let found = facts.compactMap { entry -> DeviceName? in
                guard case .outcome(let step, .done) = entry.fact, step.kind == .push else { return nil }
                return step.device
            }
            #expect(Set(found).count == found.count, "\(found)")
            let ended = await bench.end(serve)
            #expect(ended.code == 0, "\(ended.output)")
            #expect(try await bench.store().lease(of: RolloutID(1)) == nil)
        }
    }

    @Test(
        "SIGTERM in the middle: what is under way on devices is finished, the lease is given back, and the next one goes on"
    )
    func ended() async throws {
        try await Bench.lend { bench in
            let plan = try await bench.plan()
            try await bench.runs("schedule", "add", "tonight", "--plan", plan, "--at", "now", "--yes")
            for _ in 1...3 {
                let serve = try bench.serve()
                try await serve.prints("push begins")
                let ended = await bench.end(serve)
                #expect(ended.code == 0, "\(ended.output)")
                let store = try bench.store()
                #expect(try await store.lease(of: RolloutID(1)) == nil)
                let state = try await store.state(of: RolloutID(1))
                let unsettled = try await bench.names().filter { state[$0].isUnsettled }
                #expect(unsettled.isEmpty, "\(unsettled) in \(ended.output)")
                #expect(state.pauses.isEmpty)
                if state.ending != nil { break }
            }
            let serve = try bench.serve()
            try await bench.waits { $0.phase == .done }
            _ = await bench.end(serve)
        }
    }

    @Test("two services of one store never drive one rollout, and begin an occurrence once")
    func two() async throws {
        try await Bench.lend { bench in
            let plan = try await bench.plan()
            let services = [try bench.serve(), try bench.serve()]
            try await bench.runs("schedule", "add", "tonight", "--plan", plan, "--at", "now", "--yes")
            try await bench.waits { $0.phase == .done }
            #expect(try await bench.store().rollouts().count == 1)
            let drivers = try await bench.store().entries(of: RolloutID(1), after: 0).count {
                if case .driving = $0.fact { true } else { false }
            }
            #expect(drivers == 1)
            for service in services { #expect(await bench.end(service).code == 0) }
        }
    }

    @Test("a stopped line stands still within a second, and goes on by itself when it is released")
    func line() async throws {
        try await Bench.lend { bench in
            let plan = try await bench.plan()
            let serve = try bench.serve()
            try await bench.runs("schedule", "add", "tonight", "--plan", plan, "--at", "now", "--yes")
            try await serve.prints("wave 0 starts")
            try await bench.runs("stop-the-line", "--reason", "fibre cut")
            try await bench.waits { $0.phase == .paused && $0.pauses.map(\.kind) == [.lineStopped] }
            let refused = try await bench.program.run("apply", plan, "--yes")
            #expect(refused.code == 8 && refused.output.contains("fibre cut"), "\(refused.output)")
            try await bench.runs("release-the-line", "--reason", "spliced")
            try await bench.waits { $0.phase == .done }
            let proof = try await bench.program.run("audit", "verify")
            #expect(proof.code == 0, "\(proof.output)")
            _ = await bench.end(serve)
        }
    }

    @Test("it takes as many open files as it may have, not what a shell allows at first")
    func openFiles() async throws {
        try await Bench.lend { bench in
            var program = bench.program
            program.via = ["sh", "-c", "ulimit -Sn 300; ulimit -Hn 4000; exec \"$@\"", "sh"]
            let serve = try program.start(["serve"])
            try await serve.prints("serving as")
            let limits = try FileHandle(
                forReadingFrom: URL(filePath: "/proc/\(serve.process.processIdentifier)/limits"))
            let text = String(decoding: try limits.readToEnd() ?? Data(), as: UTF8.self)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Max open files") })
            #expect(line.split(separator: " ")[3] == "4000", "\(line)")
            _ = await bench.end(serve)
        }
    }

    @Test("systemd hears when it is ready, that it lives, and that it ends")
    func notified() async throws {
        try await Bench.lend { bench in
            let systemd = try NotifySocket(bench.folder + "/notify")
            let serve = try bench.serve(["NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "4000000"])
            try await systemd.hears("READY=1")
            try await systemd.hears("WATCHDOG=1")
            try await systemd.hears("STATUS=drives 0 rollouts")
            let ended = await bench.end(serve)
            #expect(ended.code == 0, "\(ended.output)")
            try await systemd.hears("STOPPING=1")
        }
    }
}

/// A simulated fleet of eight devices, and a program with a store of its own.
private struct Bench {
    let folder: String
    let program: RolloutProgram

    static func lend(_ work: (Bench) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-serve-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bench = Bench(folder: folder, program: RolloutProgram(state: folder + "/state"))
        try FileManager.default.createDirectory(atPath: bench.program.state, withIntermediateDirectories: true)
        try await bench.runs("lab", "up", "--simulated", "--dir", folder + "/lab", "--devices-per-group", "2")
        try await work(bench)
    }

    func runs(_ arguments: String...) async throws {
        let ended = try await program.start(arguments).wait()
        try #require(ended.code == 0, "\(arguments): \(ended.output)")
    }

    /// Changes the range eco alone; the others are what it is compared with.
    func plan() async throws -> String {
        let path = folder + "/tonight.plan"
        try await runs(
            "plan", folder + "/lab/policies/double-bandwidth.yaml", "-i", folder + "/lab/inventories/lab", "-l",
            "range=eco", "-o", path)
        return path
    }

    func serve(_ environment: [String: String] = [:]) throws -> RolloutProgram.Running {
        var program = program
        program.environment = environment
        return try program.start(["serve"])
    }

    /// Tells it to end, as systemd does.
    func end(_ running: RolloutProgram.Running) async -> RolloutProgram.Ending {
        kill(running.process.processIdentifier, SIGTERM)
        return await running.wait()
    }

    func store() throws -> any JournalStore { try SQLiteJournalStore(path: program.state + "/rollout/rollout.db") }

    /// Waits, at most two minutes, until the first rollout stands like this.
    func waits(_ isReached: (RolloutStatus) -> Bool) async throws {
        var last: RolloutStatus?
        for _ in 0..<1200 {
            let store = try store()
            if let record = try await store.rollouts().first {
                let plan = try PlanFile(try await store.plan(of: record.id), from: "").plan
                let status = RolloutStatus(
                    record, plan: plan, state: try await store.state(of: record.id),
                    lease: try await store.lease(of: record.id),
                    at: Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
                last = status
                if isReached(status) { return }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("it does not come to that: \(String(describing: last?.phase)), \(last?.pauses ?? [])")
    }

    func names() async throws -> [DeviceName] {
        try PlanFile(try await store().plan(of: RolloutID(1)), from: "").plan.waves.flatMap(\.devices)
    }

    /// What the devices of the range eco hold, as the lab says it.
    func devices() async throws -> [(name: String, cap: BitsPerSecond?)] {
        let status = try await program.run("lab", "status", "--dir", folder + "/lab", "--json")
        struct Status: Decodable {
            struct Device: Decodable {
                var name: String
                var cap: BitsPerSecond?
            }
            var devices: [Device]
        }
        let devices = try JSONDecoder().decode(Status.self, from: Data(status.output.utf8)).devices
        return devices.filter { $0.name.contains("-eco-") }.map { ($0.name, $0.cap) }
    }
}

/// Where systemd would listen.
private final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    /// Waits, at most twenty seconds, for a message with this line.
    func hears(_ line: String) async throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<400 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0,
                String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").contains(Substring(line))
            {
                return
            }
            if count <= 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
        Issue.record("systemd did not hear \(line)")
    }
}
