import RolloutEngine

/// What of a Linux device is read, and where on it we keep our things.
struct LinuxScope: Hashable, Sendable {
    /// What is read and compared.
    let config: ConfigScope
    /// The state folder of revert timers.
    let stateFolder: String
    /// What the device is.
    let role: LinuxRole
    /// BIRD, where it is one of its routers.
    let bird: BirdDaemon?

    /// A scope on a device.
    ///
    /// - Throws: `DriverError` with `.unsupported`, effect `.none`, for names that are none.
    init(_ config: ConfigScope, on device: Device) throws(DriverError) {
        try LinuxRendering.check(config)
        self.config = config
        stateFolder = try RevertScripts.folder(of: device)
        role = LinuxRole(of: device)
        bird = role == .bird ? try BirdDaemon(on: device) : nil
    }

    /// A scope on a host that keeps our things where they usually are.
    init(_ config: ConfigScope) {
        self.config = config
        (stateFolder, role, bird) = (RevertScripts.defaultFolder, .host, nil)
    }

    /// The shell functions that commands and questions call.
    var functions: [String] {
        let policing = config.policed != nil && role != .openVSwitch ? [PolicingShell.functions] : []
        return switch role {
        case .host: policing
        case .openVSwitch: [SwitchShell.functions]
        case .bird: policing + (bird.map { [$0.functions] } ?? [])
        }
    }
}
