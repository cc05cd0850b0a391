// What facts are about, for screens that show some of them.
extension Fact {
    /// Whether it is a decision of a person or the engine about the whole, or its end.
    package var isDecision: Bool {
        switch self {
        case .created, .paused, .rollingBack, .cohortHeld, .requested, .finished: true
        case .driving, .waveStarted, .intent, .outcome, .soakStarted, .judged, .alarm, .wavePassed, .peakCarried,
            .evidence:
            false
        }
    }

    /// Whether it is about this device.
    package func concerns(_ device: DeviceName) -> Bool {
        switch self {
        case .intent(let step), .outcome(let step, _): step.device == device
        case .rollingBack(_, let devices, _): devices.contains(device)
        case .evidence(let name, _): name == device
        case .cohortHeld(_, let failed): failed.contains(device)
        case .peakCarried(_, _, let devices): devices.contains(device)
        case .alarm(let alarm):
            alarm.subjects.contains { $0 == device.rawValue || $0.hasPrefix(device.rawValue + " ") }
        case .created, .driving, .waveStarted, .soakStarted, .judged, .wavePassed, .paused, .requested, .finished: false
        }
    }
}
