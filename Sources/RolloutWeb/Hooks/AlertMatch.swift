import RolloutEngine

/// Which rollouts an alert is about, by its labels. Pure.
///
/// Labels that are understood: `rollout`, `device`, `instance`, `link`, `datacentre` (also `datacenter`, `dc`), `range`. All of
/// them that an alert has must fit; an alert that has none is about no rollout.
enum AlertMatch {
    /// Whether an alert with these labels is about a rollout.
    static func isAbout(_ rollout: PlannedRollout, _ labels: [String: String]) -> Bool {
        var isTold = false
        func fits(_ names: [String], _ test: (String) -> Bool) -> Bool {
            guard let value = names.lazy.compactMap({ labels[$0] }).first, !value.isEmpty else { return true }
            isTold = true
            return test(value)
        }
        let all =
            fits(["rollout"]) { $0 == "\(rollout.record.id.number)" }
            && fits(["device", "instance"]) { hasDevice(rollout, $0) }
            && fits(["link"]) { name in rollout.plan.links.contains { $0.link.name.rawValue == name } }
            && fits(["datacentre", "datacenter", "dc"]) { name in
                rollout.extent.places.contains { $0.datacentre.rawValue == name }
            }
            && fits(["range"]) { name in rollout.extent.places.contains { $0.range.rawValue == name } }
        return all && isTold
    }

    /// A device by its name, hostname or address; an instance may have a port.
    private static func hasDevice(_ rollout: PlannedRollout, _ text: String) -> Bool {
        if rollout.planned[DeviceName(rawValue: text)] != nil { return true }
        let bare = text.lastIndex(of: ":").map { String(text[..<$0]) } ?? text
        return rollout.planned.values.contains { planned in
            let device = planned.device
            return [text, bare].contains { [device.name.rawValue, device.hostname, device.address].contains($0) }
        }
    }
}
