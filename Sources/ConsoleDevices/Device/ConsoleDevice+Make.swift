extension ConsoleDevice {
    /// A device out of the box that has been up for a day: its configuration shapes each of its ports to `rate` bits a second, and is saved.
    ///
    /// Ports must have names that the platform knows; see `isPort`.
    ///
    /// - Parameter enablePassword: what `enable` asks for, on platforms that ask.
    public static func make(
        platform: ConsolePlatform, hostname: String, interfaces: [ConsoleInterface], rate: Int,
        enablePassword: String = "enable", serial: String = "CON2411A0B1", at now: Moment
    ) -> ConsoleDevice {
        let dialect = platform.dialect
        var device = ConsoleDevice(
            platform: platform, interfaces: interfaces, factoryName: hostname, enablePassword: enablePassword,
            serial: serial, at: now)
        let names = interfaces.map(\.name)
        let lines = dialect.factoryLines(hostname: hostname, interfaces: names, rate: rate)
        let (tree, misread) = ConfigTree.typed(lines, dialect, interfaces: names)
        precondition(misread.isEmpty, "\(platform) does not understand its own configuration: \(misread)")
        device.startup = tree
        device.startedAt = now.after(seconds: -86_400)
        device.commit(tree, by: "system", session: 0, at: now, via: "boot")
        return device
    }
}

extension ConsolePlatform {
    /// Whether a port of the platform can have that name.
    public func isPort(_ name: String) -> Bool {
        let lines = dialect.factoryLines(hostname: "any", interfaces: [name], rate: 1_000_000)
        return ConfigTree.typed(lines, dialect, interfaces: [name]).misread.isEmpty
    }
}
