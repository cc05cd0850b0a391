import RolloutEngine

/// What of a rollout never changes.
final class PlannedRollout: Sendable {
    let record: RolloutRecord
    let plan: Plan
    let extent: Extent
    /// The devices in the order of the waves: their place is their number on pages.
    let devices: [DeviceName]
    /// The place of each.
    let numbers: [DeviceName: Int]
    /// What is planned for each.
    let planned: [DeviceName: PlannedDevice]

    init(_ record: RolloutRecord, _ plan: Plan) {
        self.record = record
        self.plan = plan
        extent = Extent(plan)
        devices = plan.waves.flatMap(\.devices)
        numbers = Dictionary(zip(devices, 0...), uniquingKeysWith: { first, _ in first })
        planned = Dictionary(plan.devices.map { ($0.device.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
