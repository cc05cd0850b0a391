extension ConfigDialect {
    /// Juniper Junos.
    static var juniperJunos: ConfigDialect {
        var dialect = ConfigDialect(
            name: "juniper_junos",
            syntax: ConfigSyntax(
                family: .paths, comments: ["#"], noise: ["version"], statementEnd: ";",
                namedWords: [
                    "unit", "family", "term", "filter", "policy-statement", "prefix-list", "group", "neighbor", "area",
                    "interface",
                    "user", "class", "file", "host", "server", "community", "name", "vlans", "policer", "from-zone",
                    "to-zone",
                    "security-zone", "policy", "rule-set", "rule", "address", "instance", "scheduler", "scheduler-maps",
                    "route",
                ]))
        dialect.negation = "delete"
        dialect.replacing =
            [
                "** > host-name|domain-name|time-zone|location|contact|message|announcement|router-id > ~",
                "** > description|mtu|speed|link-mode|encapsulation|vlan-id|native-vlan-id|interface-mode|port-mode > ~",
                "** > l3-interface|peer-as|local-address|hold-time|metric|preference|local-preference|priority > ~",
                "** > bandwidth-limit|burst-size-limit|transmit-rate|shaping-rate|buffer-size|bandwidth > ~",
                "** > route-distinguisher|instance-type|vrf-target|type|class|uid|full-name > ~",
                "** > encrypted-password|authentication-key|authorization|secret|multihop|cluster > ~",
                // What is matched may be several.
                "** > then > forwarding-class|loss-priority > ~",
                "class-of-service > interfaces > ** > forwarding-class > ~",
                "system|access|snmp|forwarding-options > ** > port|source-address > ~",
                "** > filter > input|output > ~", "** > policer > input|output > ~", "** > autonomous-system > ~",
                "** > bgp > ** > local-as > ~",
                "** > default-address-selection > ~",
                "** > minimum-links|lacp-priority|hello-interval|dead-interval > ~",
            ]
        dialect.ordered = [
            .init("firewall > ** > filter > * > term > ~", isMovable: true),
            .init("policy-options > policy-statement > * > term > ~", isMovable: true),
            .init("security > policies > from-zone > * > to-zone > * > policy > ~", isMovable: true),
            .init("security > nat > ** > rule > ~", isMovable: true),
            .init("** > import|export|authentication-order > ~"),
        ]
        // Lists: their word names nothing without the entry's name.
        dialect.partial = [
            "** > unit|family|term|policy-statement|prefix-list|group|neighbor|area|interface|policy|rule|rule-set|from-zone|to-zone $",
            "class-of-service > ** > traffic-control-profiles|scheduler-maps|schedulers|forwarding-class $",
            "firewall > ** > filter|policer $",
        ]
        return dialect
    }

    /// VyOS.
    static var vyOS: ConfigDialect {
        var dialect = ConfigDialect(
            name: "vyos",
            syntax: ConfigSyntax(
                family: .paths, comments: ["#", "//"], quote: "'",
                namedWords: [
                    "ethernet", "bonding", "bridge", "vif", "loopback", "tunnel", "wireguard", "rule", "name",
                    "neighbor", "user",
                    "peer", "host", "server", "prefix-list", "route-map", "route", "next-hop", "area", "class",
                    "shaper", "interface",
                    "facility", "community", "listen-address", "address-family", "static-mapping", "subnet",
                    "shared-network-name",
                ]))
        dialect.negation = "delete"
        dialect.replacing = [
            "** > host-name|domain-name|time-zone|description|mtu|speed|duplex|remote-as|update-source|local-as|system-as > ~",
            "** > action|default-action|protocol|bandwidth|burst|ceiling|queue-type|queue-limit|contact|location > ~",
            // A group of ports, and what ssh listens on, are several.
            "firewall|nat > ** > source|destination|translation > port > ~",
            "system > ** > port > ~", "interfaces > ** > port > ~",
            "** > router-id|password|ebgp-multihop|local-preference|metric|mode|hash-policy|encrypted-password|level > ~",
            "** > authorization|distance|cost|le|ge|prefix|default-router|lease|mac|hw-id|vrf|table|traffic-policy > ~",
            "** > traffic-policy > in|out > ~", "qos > interface > * > ingress|egress > ~", "** > gateway-address > ~",
            "** > plaintext-password > ~", "** > peer-group > ~",
        ]
        return dialect
    }

    /// Nokia SR Linux.
    static var nokiaSRLinux: ConfigDialect {
        var dialect = ConfigDialect(
            name: "nokia_srlinux",
            syntax: ConfigSyntax(
                family: .paths, comments: ["#"], setPrefix: "set / ", deletePrefix: "delete / ", namedWords: nokiaLists)
        )
        dialect.negation = "delete"
        dialect.replacing = [
            "** > admin-state|description|mtu|ip-mtu|type|router-id|autonomous-system|peer-as|peer-group|action|timezone > ~",
            "** > import-policy|export-policy|location|contact|host-name|domain-name|vlan-id|port-speed|local-address > ~",
            "** > next-hop-group|metric|preference|match|value|peak-rate-kbps|committed-rate-kbps > ~",
            "** > rate > peak-rate-percentage|pir-adaptation-rule > ~", "** > scheduler > * > inputs > inputs > ~",
            "** > output > scheduler > scheduler-policy|queue-scheduling-policy|sched-class-scheduling-policy > ~",
        ]
        dialect.partial =
            nokiaLists.map { LinePattern("** > \($0) $") } + [
                "** > ipv4|ipv6 > address $", "qos > scheduler-policies > * > * > scheduler $",
                "qos > scheduler-policies > scheduler-policy|queue-scheduling-policy|sched-class-scheduling-policy $",
            ]
        return dialect
    }

    /// Nokia SR OS with its model-driven CLI.
    static var nokiaSROS: ConfigDialect {
        var dialect = ConfigDialect(
            name: "nokia_sros",
            syntax: ConfigSyntax(
                family: .paths, comments: ["#"], setPrefix: "/", deletePrefix: "delete /", namedWords: nokiaLists))
        dialect.negation = "delete"
        dialect.replacing = [
            "** > admin-state|description|mtu|address|prefix-length|as-number|autonomous-system|router-id|peer-as|group > ~",
            "** > port > ~", "** > name|location|contact|mode|encap-type|speed|cir|pir|rate|mbs|cbs|type > ~",
            "** > local-address|metric|preference|action-type|password|hash-algorithm|policy-name|sdp-id > ~",
            "** > filter > ip|ipv6 > ~", "** > qos > ** > policy-name > ~", "** > local-preference > ~",
        ]
        dialect.partial =
            nokiaLists.map { LinePattern("** > \($0) $") } + [
                "** > qos > sap-ingress|sap-egress $",
                "** > qos > sap-ingress|sap-egress > * > queue|policer|fc|dot1p|dscp|prec $",
            ]
        return dialect
    }

    /// The lists of Nokia's models: their word names nothing without the entry's key.
    private static let nokiaLists = [
        "interface", "subinterface", "network-instance", "neighbor", "group", "router", "policy-statement", "entry",
        "sap", "vprn",
        "vpls", "epipe", "ies", "card", "mda", "acl-filter", "ipv4-filter", "statement", "prefix-list", "user",
        "server", "lag",
        "ip-filter", "log-id", "next-hop", "area", "next-hop-group",
    ]
}
