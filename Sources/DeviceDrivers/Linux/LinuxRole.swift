import RolloutEngine

/// What a Linux device is beside that: it decides who shapes its interfaces. Pure.
enum LinuxRole: Hashable, Sendable, CaseIterable {
    /// A host: interfaces are shaped by `tc`.
    case host
    /// A switch: ports of Open vSwitch are shaped by rows of its database.
    case openVSwitch

    /// The platform of such devices.
    var platform: PlatformName {
        switch self {
        case .host: "linux"
        case .openVSwitch: "openvswitch"
        }
    }

    /// The role of a device, by its platform. What is not known is a host.
    init(of device: Device) { self = Self.allCases.first { $0.platform == device.platform } ?? .host }

    /// The shell functions that its commands call.
    var functions: [String] {
        switch self {
        case .host: []
        case .openVSwitch: [SwitchShell.functions]
        }
    }

    /// The name of the section that holds how an interface is shaped.
    func section(of interface: String) -> String {
        switch self {
        case .host: "qdisc \(interface)"
        case .openVSwitch: "qos \(interface)"
        }
    }
}
