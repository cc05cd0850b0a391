/// The operating systems that are played.
public enum ConsolePlatform: String, CaseIterable, Codable, Sendable {
    /// Cisco IOS and IOS XE.
    case ciscoIOSXE = "cisco_iosxe"
    /// Cisco IOS XR.
    case ciscoIOSXR = "cisco_iosxr"
    /// Arista EOS.
    case aristaEOS = "arista_eos"
    /// Juniper Junos.
    case juniperJunos = "juniper_junos"

    /// How it talks.
    var dialect: any Dialect {
        switch self {
        case .ciscoIOSXE: IOSDialect()
        case .ciscoIOSXR: IOSXRDialect()
        case .aristaEOS: EOSDialect()
        case .juniperJunos: JunosDialect()
        }
    }
}
