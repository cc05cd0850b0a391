import DeviceDrivers
import Foundation
import RolloutEngine
import RolloutSimulation
import RolloutStore

/// Puts the parts together. The only place that sees them all; it decides nothing.
enum Wiring {
    /// The version of this program.
    static let version = "0.1.0"

    /// The ports to a fleet.
    struct Fleet {
        var drivers: DriverRegistry
        var counters: any CounterSource
        var clock: SteadyClock
        /// What the tasks run on that speak to devices; nil for the process's own threads.
        var executor: (any TaskExecutor)?
        /// What reaches real devices.
        var transport: ChosenTransport?

        /// Whether the machine's OpenSSH client speaks to a device, because it was chosen or took over.
        func speaksOpenSSH(to device: Device) -> Bool { transport?.client(of: device) == .openSSH }
    }

    /// Reaches devices under these limits for our own traffic.
    ///
    /// Devices of the platform `simulated` live in the folder that their variable `simulated_fleet` names.
    ///
    /// - Parameter earliest: When something was last written down about them: time goes on from there at the earliest.
    static func fleet(
        _ management: ManagementCaps, devices: [Device], notBefore earliest: Instant? = nil, verbosity: Int = 0
    ) throws -> Fleet {
        let clock = SteadyClock(over: SystemClock(), notBefore: earliest)
        let simulated = devices.filter { $0.platform == "simulated" }
        guard let first = simulated.first else { return try realFleet(management, devices, clock, verbosity) }
        guard simulated.count == devices.count else {
            throw CommandFailure(
                .badInput, "simulated and real devices cannot be changed by one plan: narrow the selection (-l)")
        }
        guard let folder = first.variables["simulated_fleet"].map({ ($0.description as NSString).expandingTildeInPath })
        else {
            throw CommandFailure(
                .badInput, "device \(first.name) is simulated, but its variable simulated_fleet names no folder")
        }
        do {
            let fleet = try SimulatedFleet.open(folder: folder, clock: clock)
            return Fleet(
                drivers: DriverRegistry([SimulatedDriver(fleet)]), counters: SimulatedCounterSource(fleet), clock: clock
            )
        } catch {
            throw CommandFailure(.unavailable, "\(error)")
        }
    }

    /// Where definitions of platforms are beside those that ship with the program.
    static var platformFolders: [String] { [Environment.value("ROLLOUT_PLATFORMS") ?? "platforms"] }

    private static func realFleet(
        _ management: ManagementCaps, _ devices: [Device], _ clock: SteadyClock, _ verbosity: Int
    ) throws -> Fleet {
        let secrets = EnvironmentAndFileSecrets()
        let largestOutput = ByteCount(8 << 20)
        let transport = ChosenTransport(
            library: SSHTransport(secrets: secrets, caps: management, outputLimit: largestOutput),
            program: OpenSSHTransport(secrets: secrets, caps: management, outputLimit: largestOutput))
        let counters = SNMPCounterSource(secrets: secrets, now: { clock.now() }, dscp: management.dscp)
        let logs =
            verbosity > 0 ? DeviceLogs(secrets: secrets, log: VerboseLog.logger("ssh", verbosity: verbosity)) : nil
        // A fleet of servers alone needs no definitions.
        var network: [any DeviceDriver] = []
        if devices.contains(where: { !LinuxDriver.platforms.contains($0.platform) }) {
            let library = try PlatformLibrary(adding: platformFolders)
            network += try library.definitions.map { try CLIDriver($0, over: transport, secrets: secrets, logs: logs) }
            network += library.models.map { NETCONFDriver($0, over: transport, logs: logs) }
        }
        let others = network
        func fleet(_ driver: LinuxDriver, _ agents: any CounterSource) -> Fleet {
            let sources = WatchSources(
                agents: agents, queues: LinuxQueueCounters(driver, now: { clock.now() }),
                probes: Probes(secrets: secrets), devices: devices, now: { clock.now() })
            let drivers = ([driver] + others).map { DiscreetDriver($0, secrets: secrets) }
            return Fleet(drivers: DriverRegistry(drivers), counters: sources, clock: clock, transport: transport)
        }
        guard let logs else { return fleet(LinuxDriver(transport: transport), counters) }
        return fleet(
            LinuxDriver(transport: LoggedTransport(transport, logs: logs)),
            LoggedCounterSource(counters, log: VerboseLog.logger("snmp", verbosity: verbosity)))
    }

    /// Names the person at the terminal, who is asked of the system: only root may say on whose behalf it acts.
    static var user: String {
        let id = getuid()
        if id == 0, let name = Environment.value("SUDO_USER") ?? Environment.value("USER") { return name }
        guard let entry = getpwuid(id) else { return "uid \(id)" }
        return String(cString: entry.pointee.pw_name)
    }
}

/// The machine's own time.
struct SystemClock: EngineClock {
    /// The time now.
    func now() -> Instant { ScaledClock.realTime() }

    /// What has passed since the machine started.
    func uptime() -> Timespan { ScaledClock.realUptime() }

    /// Waits until then, or until the task is cancelled.
    func sleep(until instant: Instant) async {
        let span = instant - now()
        if span > .zero { try? await Task.sleep(for: span.duration) }
    }
}
