import RolloutEngine

/// What of a Linux device is read, and where on it we keep our things.
struct LinuxScope: Hashable, Sendable {
    /// What is read and compared.
    let config: ConfigScope
    /// The state folder of revert timers.
    let stateFolder: String
    /// What the device is.
    let role: LinuxRole

    /// A scope on a device.
    ///
    /// - Throws: `DriverError` with `.unsupported`, effect `.none`, for names that are none.
    init(_ config: ConfigScope, on device: Device) throws(DriverError) {
        try LinuxRendering.check(config)
        self.config = config
        stateFolder = try RevertScripts.folder(of: device)
        role = LinuxRole(of: device)
    }
}
