// Platforms that no definition ships for: for definitions of users, and for whoever compares configurations.
extension ConfigDialect {
    /// H3C and HP Comware, which is written like Huawei's VRP.
    ///
    /// Source: HPE FlexNetwork and H3C command references (Comware 5 and 7): Interface, VLAN, Layer 3, Spanning Tree.
    static var hpComware: ConfigDialect {
        var dialect = huaweiVRP
        dialect.name = "hp_comware"
        dialect.syntax.noise += ["version"]
        // What stands in no section is indented, too.
        dialect.syntax.separator = "#"
        dialect.sections += [
            "vlan", "local-user", "line", "acl number|advanced|basic", "ospf > area", "radius|hwtacacs scheme",
            "domain",
            "qos policy", "qos policy > classifier",
        ]
        // A port has a place in the chassis. What has none is made and taken away.
        dialect.lasting = ["interface *Ethernet*/*", "interface *GigE*/*", "interface NULL0"]
        dialect.negations += [
            .init("vlan > name", "undo name"), .init("interface > port access vlan", "undo port access vlan"),
            .init("interface > port link-mode|link-type", "undo {matched}"),
            .init("interface > stp edged-port", "undo stp edged-port"),
            .init("interface > speed|duplex|bandwidth", "undo {matched}"),
            .init("local-user > password", "undo password"),
        ]
        dialect.replacing += [
            "interface > port access vlan", "interface > port link-mode|link-type", "interface > stp edged-port",
            "local-user > password",
        ]
        // What is in a port goes and comes with its mode.
        dialect.resets = [
            .init(
                "interface > ip binding vpn-instance",
                takesAway: ["interface > ip address", "interface > ipv6 address"]),
            .init(
                "interface > port link-mode",
                takesAway: [
                    "interface > port access|trunk|hybrid|link-type", "interface > ip", "interface > ipv6",
                    "interface > stp",
                ]),
        ]
        dialect.expanded = [
            "interface > port trunk permit vlan", "interface > port hybrid tagged|untagged vlan",
        ]
        return dialect
    }

    /// HP ProCurve and Aruba AOS-S.
    ///
    /// Source: HPE Aruba Management and Configuration Guide, Basic Operation Guide, Advanced Traffic Management Guide (16).
    static var hpProCurve: ConfigDialect {
        var dialect = ConfigDialect(
            name: "hp_procurve",
            syntax: ConfigSyntax(
                family: .indented, comments: [";", "#", "!"],
                noise: ["Running configuration:", "Startup configuration:"],
                sectionEnds: ["exit $"], blocks: [.init(begins: "banner motd")]))
        dialect.sections = ["vlan #", "interface", "router ospf|rip|bgp", "ip access-list", "class", "policy"]
        // Ports are there whether anything is said of them or not.
        dialect.lasting = ["interface"]
        dialect.negations = [
            .init("interface|vlan > name", "no name"), .init("interface > disable", "enable"),
            .init("interface > untagged|tagged vlan *", "no {matched}"),
            .init("hostname", "no hostname"), .init("snmp-server contact|location", "no {matched}"),
            .init("snmp-server community *", "no {matched}"), .init("banner motd", "no {matched}"),
            .init("radius-server|tacacs-server host *", "no {matched}"), .init("time timezone", "no time timezone"),
            .init("interface > speed-duplex", "no speed-duplex"),
            .init("logging *", "no {matched}"),
        ]
        dialect.replacing = [
            "hostname", "interface|vlan > name", "interface > untagged vlan", "interface > speed-duplex",
            "snmp-server contact|location", "snmp-server community *", "banner motd",
            "time timezone|daylight-time-rule",
            "ip default-gateway", "timesync", "sntp unicast", "spanning-tree priority|config-name|config-revision|mode",
            "radius-server|tacacs-server host * key", "console idle-timeout", "aaa authentication * *",
            "interface > power-over-ethernet", "vlan > ip access-group ~ in|out",
        ]
        // Of a port that is in another VLAN, the default VLAN says that it is not there.
        dialect.defaults = ["vlan > no untagged|tagged", "interface > enable", "interface > speed-duplex auto"]
        // A VLAN must be there before a port can go into it, and holds its ports as long as it is there.
        dialect.definitions = ["vlan #", "ip access-list ~ *", "class ~ *", "policy ~ *"]
        dialect.expanded = ["vlan > untagged|tagged|forbid"]
        // A port is untagged in one VLAN.
        dialect.unique = ["vlan > ip address", "vlan > untagged"]
        return dialect
    }

    /// Fortinet FortiOS.
    ///
    /// Source: FortiOS CLI Reference (7), "CLI basics": `config`, `edit`, `set`, `unset`, `delete`, `next`, `end`.
    static var fortinetFortiOS: ConfigDialect {
        var dialect = ConfigDialect(
            name: "fortinet_fortios",
            syntax: ConfigSyntax(
                family: .indented, comments: ["#"], sectionEnds: ["next $", "end $"],
                blocks: [.init(begins: "set private-key|certificate|ca|public-key|buffer")]))
        dialect.negation = "unset"
        dialect.sectionExit = "end"
        dialect.sectionExits = [.init("** > edit", "next")]
        dialect.sections = ["config", "** > config", "** > edit"]
        dialect.lasting = ["config", "** > config"]
        dialect.negations = [.init("** > edit", "delete {rest}"), .init("** > set *", "unset {last}")]
        dialect.replacing = ["** > set *"]
        // What comes first decides.
        dialect.ordered = [
            .init("config firewall policy|policy6|security-policy|local-in-policy|shaping-policy > edit")
        ]
        return dialect
    }
}
