/// hier_config, which leads from one configuration to another as well, and was written by others: `scripts/install-oracles`.
enum HierConfig {
    /// What it calls our platforms. Not ProCurve, where it makes lines of ports of the VLANs' lists, and not FortiOS, where it enters an
    /// entry that has to be deleted.
    static let platforms = [
        "cisco_ios": "CISCO_IOS", "cisco_iosxe": "CISCO_IOS", "cisco_iosxr": "CISCO_XR", "cisco_nxos": "CISCO_NXOS",
        "arista_eos": "ARISTA_EOS", "juniper_junos": "JUNIPER_JUNOS", "vyos": "VYOS", "nokia_srlinux": "NOKIA_SRL",
        "huawei_vrp": "HUAWEI_VRP", "hp_comware": "HP_COMWARE5",
    ]

    private static let oracle = Oracle(name: "hier-config", script: "hier_config_commands.py")
    static let isInstalled = oracle.isInstalled

    /// Two configurations, as texts.
    struct Pair: Encodable {
        let platform: String
        let running: String
        let intended: String
    }

    /// Commands, or a complaint.
    enum Answer: Decodable {
        case commands([String])
        case complaint(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let commands = try? container.decode([String].self) {
                self = .commands(commands)
            } else {
                self = .complaint(try container.decode(String.self))
            }
        }
    }

    /// What it says to each pair.
    static func answers(to pairs: [Pair]) throws -> [Answer] { try oracle.answers(to: pairs) }
}
