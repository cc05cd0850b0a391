/// Turns a jump that is named as a device into `user@address:port`, so that a plan needs no inventory to be applied.
struct JumpDevices {
    private let byName: [DeviceName: Device]

    init(among devices: [Device]) {
        byName = Dictionary(devices.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The device, with its jump spelled out.
    func spelledOut(_ device: Device) -> Device {
        guard let jump = device.ssh.jump, let through = byName[DeviceName(rawValue: jump)] else { return device }
        var device = device
        let address = through.address.contains(":") ? "[\(through.address)]" : through.address
        device.ssh.jump = "\(through.ssh.user)@\(address):\(through.ssh.port)"
        return device
    }
}
