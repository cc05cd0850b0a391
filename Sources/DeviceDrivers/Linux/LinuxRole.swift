import RolloutEngine

/// What a Linux device is beside that: it decides who shapes its interfaces, and who is told of its files. Pure.
enum LinuxRole: Hashable, Sendable, CaseIterable {
    /// A host: interfaces are shaped by `tc`.
    case host
    /// A switch: ports of Open vSwitch are shaped by rows of its database.
    case openVSwitch
    /// A router: shaped as a host; files of BIRD are loaded under a timer of BIRD's own.
    case bird

    /// The platform of such devices.
    var platform: PlatformName {
        switch self {
        case .host: "linux"
        case .openVSwitch: "openvswitch"
        case .bird: "bird"
        }
    }

    /// The role of a device, by its platform. What is not known is a host.
    init(of device: Device) { self = Self.allCases.first { $0.platform == device.platform } ?? .host }

    /// The name of the section that holds how an interface is shaped.
    func section(of interface: String) -> String {
        switch self {
        case .host, .bird: "qdisc \(interface)"
        case .openVSwitch: "qos \(interface)"
        }
    }
}
