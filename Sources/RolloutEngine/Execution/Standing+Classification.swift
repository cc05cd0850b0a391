extension Standing {
    /// Where a device stands, from what it says itself. Pure.
    public init(_ observed: Observation, under order: PushOrder) {
        guard observed.hostname == order.device.hostname || PlantedBug.isPlanted(.believesAnyHostname) else {
            self = .other(
                "it says its hostname is '\(observed.hostname)', not '\(order.device.hostname)'", isStranger: true)
            return
        }
        let isBase = observed.config.isEquivalent(to: order.base)
        let isTarget = observed.config.isEquivalent(to: order.desired)
        switch observed.pendingRevert {
        case let pending? where pending.mark != order.mark && pending.mark != PendingRevert.unsigned:
            self = .other("somebody else's revert timer is armed on it: \(pending.mark)")
        case let pending? where isBase: self = .pendingBase(pending.remaining)
        case let pending? where !pending.isComplete: self = .pendingPart(pending.remaining)
        case let pending? where isTarget: self = .pendingTarget(pending.remaining)
        case let pending?: self = .pendingOther(Self.difference(observed, order), pending.remaining)
        case nil where isTarget: self = .target
        case nil where isBase: self = .base
        case nil: self = .other(Self.difference(observed, order))
        }
    }

    /// Names the first lines that are neither as they were nor as they should be.
    private static func difference(_ observed: Observation, _ order: PushOrder) -> String {
        let lines = ConfigDiff(from: order.desired, to: observed.config).text.split(separator: "\n")
        let shown = lines.prefix(6).joined(separator: " | ")
        return "its configuration is neither the base nor the target: \(shown)\(lines.count > 6 ? " …" : "")"
    }
}
