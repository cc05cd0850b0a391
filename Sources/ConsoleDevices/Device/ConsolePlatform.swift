/// The operating systems that are played.
public enum ConsolePlatform: String, CaseIterable, Codable, Sendable {
    /// Cisco IOS and IOS XE.
    case ciscoIOSXE = "cisco_iosxe"
    /// Cisco NX-OS.
    case ciscoNXOS = "cisco_nxos"
    /// Cisco IOS XR.
    case ciscoIOSXR = "cisco_iosxr"
    /// Arista EOS.
    case aristaEOS = "arista_eos"
    /// Juniper Junos.
    case juniperJunos = "juniper_junos"
    /// VyOS.
    case vyos
    /// Nokia SR Linux.
    case nokiaSRLinux = "nokia_srlinux"
    /// Huawei VRP 8.
    case huaweiVRP = "huawei_vrp"
    /// Nokia SR OS with the MD-CLI.
    case nokiaSROS = "nokia_sros"
    /// MikroTik RouterOS.
    case mikrotikRouterOS = "mikrotik_routeros"
    /// SONiC with `sonic-cli`.
    case sonic

    /// How it talks.
    var dialect: any Dialect {
        switch self {
        case .ciscoIOSXE: IOSDialect()
        case .ciscoNXOS: NXOSDialect()
        case .ciscoIOSXR: IOSXRDialect()
        case .aristaEOS: EOSDialect()
        case .juniperJunos: JunosDialect()
        case .vyos: VyOSDialect()
        case .nokiaSRLinux: SRLinuxDialect()
        case .huaweiVRP: VRPDialect()
        case .nokiaSROS: SROSDialect()
        case .mikrotikRouterOS: RouterOSDialect()
        case .sonic: SONiCDialect()
        }
    }
}
