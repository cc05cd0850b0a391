/// Reads counters that devices keep beside their SNMP agents, over their own sessions. It never throws.
public protocol DeviceCounters: Sendable {
    /// What the queues of a device's interfaces dropped: counters of `WatchedObject.queueDrops`, one an interface and queue, with the
    /// device's own uptime.
    func queueDrops(of device: Device, on interfaces: [String]) async -> CounterSample
}

extension WatchedObject {
    /// The name under which drops of a device's queues are read.
    public static let queueDrops = "drops"
}
