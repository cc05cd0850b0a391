/// Which key of another tool gives which of our settings.
struct ForeignKeys: Sendable {
    /// Keys by setting, the strongest first.
    private(set) var settings: [String: [String]]
    /// What the tool's own keys start with, that we have no setting for.
    let ownPrefix: String?
    private var byKey: [String: (setting: String, rank: Int)] = [:]

    /// The keys of a format; those that a person names come first.
    init(_ format: ForeignFormat, mappings: [String: String]) {
        settings = Self.usual(format)
        ownPrefix = format == .ansible ? "ansible_" : nil
        for (setting, key) in mappings { settings[setting, default: []].insert(key, at: 0) }
        for (setting, keys) in settings.sorted(by: { $0.key < $1.key }) {
            for (rank, key) in keys.enumerated() where byKey[key] == nil || mappings[setting] == key {
                byKey[key] = (setting, rank)
            }
        }
    }

    /// The setting that a key gives, and how strongly: 0 wins over 1.
    func setting(of key: String) -> (setting: String, rank: Int)? { byKey[key] }

    /// Settings whose values are secrets.
    static let secretSettings: Set<String> = [
        "ssh.password", "ssh.key_passphrase", "snmp.community", "snmp.auth_key", "snmp.priv_key",
    ]
    /// Settings that only a device has, not what several have in common.
    static let deviceSettings: Set<String> = ["address", "hostname", "serial", "pair"]
    /// Keys whose values are arguments of `ssh`, in which a jump may be found.
    static let argumentKeys: Set<String> = ["ansible_ssh_common_args", "ansible_ssh_extra_args"]

    /// Settings that a person may name a key for.
    static let mappable = (SettingVocabulary.scalars.map(\.path) + ["pair", "rack", "tags"]).filter {
        !["range", "datacentre"].contains($0)
    }

    private static func usual(_ format: ForeignFormat) -> [String: [String]] {
        switch format {
        case .ansible:
            [
                "address": ["ansible_host", "ansible_ssh_host"],
                "platform": ["ansible_network_os"],
                "ssh.port": ["ansible_port", "ansible_ssh_port"],
                "ssh.user": ["ansible_user", "ansible_ssh_user"],
                "ssh.key_file": ["ansible_ssh_private_key_file", "ansible_private_key_file"],
                "ssh.password": ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"],
                "ssh.key_passphrase": ["ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase"],
                "ssh.jump": ["ansible_ssh_common_args", "ansible_ssh_extra_args"],
                "snmp.community": ["snmp_community"],
            ]
        case .nornir:
            [
                "address": ["hostname"], "platform": ["platform"], "ssh.port": ["port"], "ssh.user": ["username"],
                "ssh.password": ["password"], "snmp.community": ["snmp_community"],
            ]
        case .netbox: ["address": ["address"], "platform": ["platform"], "rack": ["rack"], "tags": ["tags"]]
        case .oxidized:
            [
                "address": ["ip"], "platform": ["model"], "ssh.user": ["username"], "ssh.password": ["password"],
                "ssh.port": ["ssh_port"],
            ]
        case .csv:
            [
                "address": ["address", "ip", "ip_address"], "platform": ["platform"], "pair": ["pair"],
                "rack": ["rack"], "tags": ["tags"], "hostname": ["hostname"], "ssh.port": ["ssh.port", "port"],
                "ssh.user": ["ssh.user", "user", "username"], "ssh.password": ["ssh.password", "password"],
                "snmp.community": ["snmp.community", "community"],
            ]
        }
    }

    /// Our platform for what another tool calls it; itself, when nobody calls it otherwise.
    ///
    /// Ansible's collections name it three times over (`arista.eos.eos`), of which the last says it.
    static func platform(_ name: String, also: [String: String]) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return also[name] ?? also[last] ?? platforms[last.lowercased()] ?? last
    }

    /// By the names of Ansible, NAPALM, Netmiko and Oxidized.
    private static let platforms = [
        "ios": "cisco_ios", "iosxe": "cisco_iosxe", "cisco_xe": "cisco_iosxe", "iosxr": "cisco_iosxr",
        "cisco_xr": "cisco_iosxr", "nxos": "cisco_nxos", "nxos_ssh": "cisco_nxos", "eos": "arista_eos",
        "junos": "juniper_junos", "juniper": "juniper_junos", "sros": "nokia_sros", "timos": "nokia_sros",
        "srlinux": "nokia_srlinux", "routeros": "mikrotik_routeros", "vrp": "huawei_vrp", "huawei": "huawei_vrp",
        "ce": "huawei_vrp", "sonic": "dell_sonic", "vyos": "vyos", "frr": "frr", "linuxgeneric": "linux",
        "linux": "linux", "debian": "linux", "ubuntu": "linux",
    ]
}
