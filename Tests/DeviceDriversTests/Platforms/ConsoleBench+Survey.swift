import DeviceDrivers
import RolloutEngine

extension ConsoleBench {
    private struct Standstill: EngineClock {
        func now() -> Instant { Instant(milliseconds: 1_795_600_000_000) }
        func uptime() -> Timespan { .zero }
        func sleep(until instant: Instant) async {}
    }

    /// Reads a device for a plan that doubles the rate of the bench's first interface.
    ///
    /// - Parameter device: As the inventory has it; the bench's own unless told otherwise.
    func survey(_ device: Device? = nil, by driver: CLIDriver, burst: String = "auto") async -> SurveyedDevice {
        let change = Change(
            name: "double", intents: [.shape(ShapingIntent(interface: interface, egressRate: "1Gbit", burst: burst))])
        let survey = Survey(
            drivers: DriverRegistry([driver]), counters: SNMPCounterSource(secrets: self) { Standstill().now() },
            clock: Standstill())
        return await survey.read(
            [device ?? self.device], for: change,
            places: ["shape[0].burst": SourceLocation(file: "policies/double.yaml", line: 4, column: 60)],
            revertTimer: .minutes(1), atOnce: 1, within: .seconds(20), progress: { _ in })[0]
    }
}
