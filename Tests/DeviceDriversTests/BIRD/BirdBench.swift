import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("BIRD", .serialized, .enabled(if: BirdBench.isAvailable, "needs bird2"))
    enum BirdDevices {}
}

/// A real BIRD in a namespace, with a configuration of one static route in a folder of its own.
struct BirdBench: Sendable {
    /// The namespace, the folder, and the device.
    var linux: LinuxBench

    static let isAvailable = ["bird", "birdc"].allSatisfy { Tool.path($0) != nil }

    var device: Device { linux.device }
    var driver: LinuxDriver { linux.driver }
    /// The main file.
    var file: String { linux.folder + "/etc/bird.conf" }

    /// Starts BIRD, runs the body, and takes everything away.
    static func with(_ body: (BirdBench) async throws -> Void) async throws {
        try await LinuxBench.with { linux in
            var linux = linux
            linux.device.platform = "bird"
            linux.device.variables["bird_socket"] = .text(linux.folder + "/bird.ctl")
            linux.device.variables["bird_folder"] = .text(linux.folder + "/etc")
            let bench = BirdBench(linux: linux)
            try Data(content("10.1.0.0/24").utf8).write(to: URL(filePath: bench.file))
            await bench.sh(
                "bird -c \(bench.file) -s \(linux.folder)/bird.ctl -P \(linux.folder)/bird.pid >/dev/null 2>&1")
            // BIRD's clock of files counts whole seconds.
            try await Task.sleep(for: .milliseconds(1100))
            var failure: (any Error)?
            do { try await body(bench) } catch { failure = error }
            await bench.sh("kill $(cat \(linux.folder)/bird.pid)")
            if let failure { throw failure }
        }
    }

    /// A configuration with one route.
    static func content(_ route: String) -> String {
        """
        router id 10.0.0.1;
        protocol device {}
        protocol static s1 { ipv4; route \(route) blackhole; }

        """
    }

    /// An intent to have another route.
    func route(_ route: String) -> ResolvedIntent {
        .file(path: file, content: Self.content(route), mode: "0644", reload: nil)
    }

    /// Runs a command on the router, not through the driver; what it printed.
    @discardableResult func sh(_ line: String) async -> String { await linux.sh(line) }

    /// What BIRD says to one command.
    @discardableResult func birdc(_ command: String) async -> String {
        await sh("birdc -s \(linux.folder)/bird.ctl \(command) 2>&1")
    }

    /// Whether BIRD has this route, and no other one of ours.
    func routes() async -> [String] {
        await birdc("show route").split(separator: "\n").filter { $0.contains("blackhole") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }
}
