import Foundation
public import RolloutEngine

/// Reads what `tc` of Linux devices drops, over any transport that runs `/bin/sh`.
public struct LinuxQueueCounters: DeviceCounters {
    private let driver: LinuxDriver
    private let now: @Sendable () -> Instant

    /// Reads over the sessions of a driver.
    public init(_ driver: LinuxDriver, now: @escaping @Sendable () -> Instant) {
        self.driver = driver
        self.now = now
    }

    /// What `tc` dropped at the root of each interface, with all that is below it, and the device's time since its start. One
    /// session, one round trip.
    ///
    /// The kernel counts drops in 32 bits. A queue that is put in place of another counts from 0 again.
    public func queueDrops(of device: Device, on interfaces: [String]) async -> CounterSample {
        let subject = WatchedAgent.Subject.queues(device.name)
        do {
            let script = try Self.script(for: interfaces, stateFolder: RevertScripts.folder(of: device))
            let report = try await driver.withSession(to: device, within: Self.limit) { session throws(DriverError) in
                try await session.run(script, effect: .none)
            }
            return try QueueDrops.sample(from: report, of: device, interfaces, at: now())
        } catch {
            return CounterSample(subject: subject, at: now(), unknown: QueueDrops.reason(for: error))
        }
    }

    private static func script(for interfaces: [String], stateFolder: String) -> ShellScript {
        ShellScript(
            stateFolder: stateFolder,
            body: ["ask hostname cat /proc/sys/kernel/hostname", "say uptime 0 \"$(now)\""]
                + interfaces.map { interface in
                    let entry = ShellText.quoted("qdisc \(interface)")
                    return "ask \(entry) tc -s -j qdisc show dev \(ShellText.quoted(interface))"
                })
    }

    /// A reading that comes later than the next one is due is of no use.
    private static let limit = Timespan.seconds(15)
}

/// Understands what a device says of its queues. Pure.
enum QueueDrops {
    /// The reading in a report.
    ///
    /// - Throws: `ShellReport.Garbled`, or `DriverError` for another device than the one that was meant.
    static func sample(from report: ShellReport, of device: Device, _ interfaces: [String], at now: Instant) throws
        -> CounterSample
    {
        let hostname = try report.entry("hostname").text
        guard hostname == device.hostname else {
            throw DriverError.wrongDevice(device, answersAs: hostname)
        }
        guard let uptime = UInt64(try report.entry("uptime").text) else {
            throw ShellReport.Garbled(what: "its uptime is no number")
        }
        let objects = try interfaces.map { interface in
            let entry = try report.entry("qdisc \(interface)")
            return reading(of: entry, interface)
        }
        return CounterSample(
            subject: .queues(device.name), at: now, uptime: UInt32(truncatingIfNeeded: uptime), objects: objects)
    }

    /// The drops of one interface, out of `tc -s -j qdisc show`.
    static func reading(of entry: ShellReport.Entry, _ interface: String) -> ObjectReading {
        func unknown(_ code: UnknownReason.Code, _ detail: String) -> ObjectReading {
            ObjectReading(
                name: WatchedObject.queueDrops, instance: interface, unknown: UnknownReason(code, detail))
        }
        guard entry.status == 0 else { return unknown(.agentError, "tc says: \(entry.text.prefix(200))") }
        guard let all = try? JSONDecoder().decode([Statistics].self, from: Data(entry.output)) else {
            return unknown(.agentError, "tc's statistics of \(interface) are not JSON as tc writes it")
        }
        guard let root = all.first(where: { $0.root == true }) else {
            return unknown(.absent, "\(interface) has no queue")
        }
        guard let drops = root.drops else { return unknown(.absent, "tc does not count drops of \(interface)") }
        let counter = UInt32(exactly: drops).map { Counter.bits32($0) } ?? .bits64(drops)
        return ObjectReading(name: WatchedObject.queueDrops, instance: interface, value: .counter(counter))
    }

    /// Why there is no reading.
    static func reason(for error: any Error) -> UnknownReason {
        switch error {
        case let garbled as ShellReport.Garbled:
            return UnknownReason(.agentError, "the device's answer cannot be used: \(garbled.what)")
        case let error as DriverError:
            switch error.code {
            case .localSetup: return UnknownReason(.notAsked, error.message)
            case .garbledOutput, .wrongDevice: return UnknownReason(.agentError, error.message)
            default: return UnknownReason(.timeout, error.message)
            }
        default: return UnknownReason(.agentError, "\(error)")
        }
    }

    private struct Statistics: Decodable {
        let root: Bool?
        let drops: UInt64?
    }
}
