internal import RolloutEngine

// What the referee asks whenever a device is changed, or something is said of one.
extension RefereeNotes {
    enum Content { case base, desired, mixture }

    func content(of device: SimulatedDevice) -> Content {
        guard let target = planned[device.name]?.target else { return .base }
        let names = Set(target.desired.sections.map(\.name))
        let held = DeviceConfig(sections: device.running.sections.filter { names.contains($0.name) })
        if held.isEquivalent(to: target.desired) { return .desired }
        return held.isEquivalent(to: target.base) ? .base : .mixture
    }

    mutating func changed(
        _ before: SimulatedDevice, _ after: SimulatedDevice, by controller: Controller?, truth: FleetState,
        at now: Instant
    ) {
        let name = after.name
        log(at: now) { notes in
            let timers = [before, after].map { $0.timer == nil ? "off" : "on" }.joined(separator: " -> ")
            let contents = [before, after].map { "\(notes.content(of: $0))" }.joined(separator: " -> ")
            return "\(controller?.name ?? "somebody") changes \(name): \(contents), timer \(timers)"
        }
        digest.mix(name.rawValue)
        let (was, became) = (content(of: before), content(of: after))
        holding.changes(
            name, wasOff: was != .base, isOff: became != .base, deadline: after.timer?.deadline,
            byProcess: controller != nil, at: now)
        guard let controller, violation == nil, !edited.contains(name) else { return }
        for fault in before.activeFaults {
            switch fault {
            // A session that was open before goes on.
            case .changedHostKey where isOlderThanAnySession(fault, on: name, now):
                broken("P12", "\(name) is changed although its host key changed", at: now)
            case .wrongHostname where isOlderThanAnySession(fault, on: name, now):
                broken("P11", "\(name) is changed although it is another device", at: now)
            default: break
            }
        }
        if before.running != after.running, became != .base, after.timer == nil {
            broken("P2", "\(name) is changed without a revert timer", at: now)
        }
        if before.timer != nil, after.timer == nil, became == .mixture {
            broken("P2", "\(name) is confirmed although it holds neither base nor target", at: now)
        }
        // A process that does not know yet that another took over may still finish a message.
        guard controller.lease.map({ $0.fence }) == fence else {
            if journal[name].isAnswered {
                broken("P4", "\(controller.name) changes \(name), which another has asked meanwhile", at: now)
            }
            return
        }
        let step = journal[name].open?.kind
        let needed: DeviceStep.Kind? =
            if before.timer == nil && after.timer != nil || was != became && became != .base {
                .push
            } else if became == .base { .rollBack } else if before.timer != nil && after.timer == nil { .confirm } else
            { nil }
        if let needed, step != needed {
            broken("P5", "\(name) is changed (\(needed)) and the journal says \(journal[name].standing)", at: now)
        }
        if was == .desired && became == .desired && (before.timer == nil) == (after.timer == nil) {
            broken("P1", "\(name) is given the change that it holds", at: now)
        }
    }

    private func isOlderThanAnySession(_ fault: Fault, on device: DeviceName, _ now: Instant) -> Bool {
        guard let since = faultSince[device]?[fault] else { return false }
        return now - since > longestStep + .seconds(30)
    }

    // MARK: What is said of devices

    /// What came of a step is what the device holds, and it is the right device that said so.
    mutating func checkOutcome(
        _ result: StepResult, of step: DeviceStep, _ begun: Instant?, _ truth: FleetState, _ now: Instant
    ) {
        let name = step.device
        guard journal[name].open == step else {
            return broken("P5", "an outcome of \(step.kind) of \(name), of which none is under way", at: now)
        }
        guard !edited.contains(name), let device = truth.devices.first(where: { $0.name == name }) else { return }
        checkIdentity(of: name, result, begun, now)
        let (found, isArmed) = (content(of: device), device.timer != nil)
        var isTrue = true
        switch result {
        case .failed, .found(.other): break
        case .done where step.kind == .confirm: demand(name, holds: .desired, "was confirmed", truth, now)
        case .found(.target): demand(name, holds: .desired, "is said to be on its target", truth, now)
        case .found(.base): demand(name, holds: .base, "is said to be on its base", truth, now)
        // The timer may have gone off since.
        case .done, .found(.pendingTarget): isTrue = found == .desired && isArmed || found == .base && !isArmed
        case .found(.pendingBase): isTrue = found == .base
        case .found(.pendingPart), .found(.pendingOther):
            isTrue = found == .mixture && isArmed || found == .base && !isArmed
        }
        if !isTrue {
            let timer = isArmed ? "on" : "off"
            broken("P2", "\(name) is said to be \(result), but holds \(found), timer \(timer)", at: now)
        }
    }

    private mutating func checkIdentity(
        of name: DeviceName, _ result: StepResult, _ begun: Instant?, _ now: Instant
    ) {
        switch result {
        case .failed, .found(.other): return
        case .done, .found: break
        }
        for (fault, since) in faultSince[name] ?? [:] {  // in any order
            // In the same instant it may have looked before.
            guard let begun, since < begun else { continue }
            switch fault {
            case .changedHostKey: broken("P12", "\(name) is believed although its host key changed", at: now)
            case .wrongHostname: broken("P11", "\(name) is believed although it is another device", at: now)
            default: break
            }
        }
    }

    mutating func demand(
        _ name: DeviceName, holds wanted: Content, _ claim: String, _ truth: FleetState, _ now: Instant
    ) {
        guard !edited.contains(name), let device = truth.devices.first(where: { $0.name == name }) else { return }
        let found = content(of: device)
        if found != wanted { broken("P2", "\(name) \(claim), but holds \(found)", at: now) }
        if device.timer != nil { broken("P2", "\(name) \(claim), but its revert timer is armed", at: now) }
    }
}
