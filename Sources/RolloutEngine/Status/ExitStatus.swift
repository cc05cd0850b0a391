/// The process's exit code, one meaning each, the same for every command.
public enum ExitStatus: Int32, Sendable {
    /// Done, or nothing to change.
    case done = 0
    /// An error; nothing was left changed.
    case error = 1
    /// The plan has changes (only with `--detailed-exitcode`), or devices have drifted.
    case changes = 2
    /// Paused: needs a person.
    case paused = 3
    /// Failed; every touched device was verified back on its old configuration.
    case rolledBack = 4
    /// Some device is unknown or unconfirmed. Beats all others.
    case unknownDevice = 5
    /// Somebody else holds the lease.
    case leaseHeld = 6
    /// The plan is stale for some devices.
    case stale = 7
    /// Refused: policy, approval, window, no terminal.
    case refused = 8
    /// The command line was wrong.
    case usage = 64
    /// Bad input, or a selection that matches nothing.
    case badInput = 65
    /// Something that is needed is not there: store, lab, program.
    case unavailable = 69
    /// Detached; the rollout goes on or rests without this process.
    case detached = 130

    /// What a rollout that nobody drives any further amounts to.
    public init(restingAt status: RolloutStatus) {
        let devices = status.waves.flatMap(\.devices)
        let unproven: Set<RolloutStatus.DevicePhase> = [.unknown, .verifying, .pushing, .rollingBack]
        if devices.contains(where: { unproven.contains($0.state) }) {
            self = .unknownDevice
            return
        }
        let holdsChange = devices.contains { $0.state == .confirmed }
        switch status.phase {
        case .done:
            let failed = devices.filter { $0.state == .failed }
            let stale = failed.contains { $0.detail?.hasPrefix(DriverError.Code.drifted.rawValue) ?? false }
            self = stale ? .stale : failed.isEmpty ? .done : .paused
        case .rolledBack: self = .rolledBack
        case .aborted: self = holdsChange ? .paused : .rolledBack
        case .paused, .rollingBack, .unattended, .waiting, .running, .watching: self = .paused
        }
    }
}
