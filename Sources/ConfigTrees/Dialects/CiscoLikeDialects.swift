extension ConfigDialect {
    /// Arista EOS.
    static var aristaEOS: ConfigDialect {
        var dialect = ciscoLike("arista_eos")
        dialect.syntax.blocks = [.init(begins: "banner * $", ends: "EOF")]
        dialect.sections += [
            "management", "vrf instance", "router bgp > vrf", "mlag configuration", "qos profile",
            "interface|qos > tx-queue|uc-tx-queue|mc-tx-queue #", "traffic-policies",
            "traffic-policies > traffic-policy", "traffic-policies > traffic-policy > match",
            "traffic-policies > traffic-policy > match > actions",
        ]
        dialect.exchanged += ["ip prefix-list > seq #"]
        dialect.negations.insert(
            contentsOf: [
                .init("interface Ethernet*.* $", "no {line}"),
                .init("interface Ethernet*|Management* $", "default {line}"),
            ], at: 0)
        dialect.negations += [
            .init("interface|qos > shape rate", "no {matched}"),
            .init("traffic-policies > traffic-policy > match > actions > police", "no {matched}"),
            .init("interface|qos > tx-queue|uc-tx-queue|mc-tx-queue # > shape rate", "no {matched}"),
        ]
        dialect.replacing += [
            "interface > vrf", "mlag configuration > ~", "management > ** > idle-timeout",
            "interface|qos > shape rate", "interface|qos > tx-queue|uc-tx-queue|mc-tx-queue # > shape rate",
            "interface > service-profile", "interface > traffic-policy input|output",
            "traffic-policies > traffic-policy > match > actions > police",
        ]
        dialect.replacing.insert("router > ** > redistribute ospf|ospf3 match *", at: 0)
        dialect.toggles += ["management > ** > shutdown", "router bgp > ** > neighbor * activate"]
        dialect.resets.append(
            .init("interface > vrf", takesAway: ["interface > ip address", "interface > ipv6 address"]))
        return dialect
    }

    /// FRR's vtysh.
    static var frr: ConfigDialect {
        var dialect = ciscoLike("frr")
        dialect.syntax.noise += ["frr version", "frr defaults", "service integrated-vtysh-config"]
        dialect.sectionExits = [
            .init("router > address-family", "exit-address-family"), .init("vrf", "exit-vrf"),
        ]
        dialect.syntax.blocks = []
        // An interface has as many addresses as are said.
        dialect.replacing.removeAll { $0.description.hasPrefix("interface > ip address") }
        dialect.replacing += ["banner motd line|file"]
        return dialect
    }

    /// Dell Enterprise SONiC's `sonic-cli`.
    static var dellSONiC: ConfigDialect {
        var dialect = ciscoLike("dell_sonic")
        dialect.groups.removeAll { $0 == "router bgp > neighbor *" || $0 == "router bgp > vrf > neighbor *" }
        dialect.sections += [
            "router bgp > neighbor", "router bgp > ** > neighbor", "interface Vlan", "qos scheduler-policy",
            "qos scheduler-policy > queue #", "qos scheduler-policy > port",
        ]
        dialect.exchanged += ["ip access-list > seq #"]
        dialect.negations += [
            .init("ip access-list > seq #", "no {matched}"), .init("interface > scheduler-policy", "no {matched}"),
            .init("qos scheduler-policy > queue|port > type|weight|meter-type|cir|cbs|pir|pbs", "no {matched}"),
        ]
        dialect.replacing += [
            "** > neighbor > remote-as|update-source|timers|password|ebgp-multihop", "interface > scheduler-policy",
            "qos scheduler-policy > queue|port > type|weight|meter-type|cir|cbs|pir|pbs",
        ]
        dialect.definitions.append("qos scheduler-policy *")
        // Of its views nobody says whether one is entered from another.
        dialect.adjoining = []
        // Ports show both.
        dialect.defaults = []
        dialect.toggles.append("interface > shutdown")
        return dialect
    }

    /// Huawei VRP.
    static var huaweiVRP: ConfigDialect {
        var dialect = ConfigDialect(
            name: "huawei_vrp",
            syntax: ConfigSyntax(
                family: .indented, comments: ["#", "!"], noise: ["return $", "[V*", "display current-configuration"],
                sectionEnds: ["quit $"], blocks: [.init(begins: "header login|shell information")]))
        dialect.negation = "undo"
        dialect.sectionExit = "quit"
        dialect.sections = [
            "interface", "vlan #", "bgp", "ospf", "ospf > area", "isis", "acl", "traffic classifier|behavior|policy",
            "qos-profile", "route-policy",
            "user-interface", "aaa", "ip vpn-instance", "bgp > ipv4-family|ipv6-family", "diffserv domain",
        ]
        dialect.negations = [
            .init("** > description", "undo description"), .init("sysname", "undo sysname"),
            .init("header login|shell information", "undo {matched}"), .init("acl > rule #", "undo {matched}"),
            .init("interface > ip address ~ ~ $", "undo ip address"),
            .init("interface > qos lr outbound|inbound", "undo {matched}"), .init("interface > mtu", "undo mtu"),
            .init("interface > port default vlan", "undo port default vlan"), .init("qos-profile > car", "undo car"),
            .init("snmp-agent sys-info contact|location", "undo {matched}"),
            .init("user-interface > idle-timeout|authentication-mode", "undo {matched}"),
        ]
        dialect.groups = ["bgp > peer *", "aaa > local-user *", "ip ip-prefix *"]
        dialect.replacing = [
            "sysname", "** > description", "header login|shell information", "interface > ip address ~ ~ $",
            "interface > mtu|bandwidth|speed|duplex", "interface > port link-type",
            "interface > port default|trunk pvid vlan",
            "interface > port default vlan", "interface > port trunk pvid vlan",
            "interface > traffic-policy|qos-profile ~ inbound|outbound",
            "interface > ospf cost|dr-priority|timer", "bgp > ** > peer * as-number|connect-interface|password|timer",
            "bgp > ** > peer * description|ebgp-max-hop|next-hop-local",
            "bgp > ** > peer * route-policy|ip-prefix ~ import|export",
            "bgp > router-id", "snmp-agent sys-info contact|location|version", "clock timezone",
            "info-center source", "info-center loghost source", "ntp-service source-interface",
            "user-interface > idle-timeout|authentication-mode|screen-length|user", "user-interface > protocol inbound",
            "user-interface > acl # inbound|outbound", "aaa > local-user * password|privilege|service-type|level",
            "interface > qos lr outbound|inbound", "stp mode|priority", "traffic behavior > car|queue|remark",
            "qos-profile > car", "vlan > name",
        ]
        dialect.exchanged = [
            "acl > rule #", "ip ip-prefix * index #", "route-policy * ~ node *",
            "interface > traffic-policy|qos-profile ~ inbound|outbound",
        ]
        dialect.defaults = ["interface > undo shutdown"]
        dialect.toggles = ["** > synchronization", "** > peer * enable", "http server enable", "** > portswitch $"]
        dialect.ordered = [.init("traffic policy > classifier ~")]
        dialect.definitions = [
            "ip vpn-instance *", "vlan batch *", "vlan *", "acl *", "ip ip-prefix *", "route-policy *",
            "traffic classifier *",
            "traffic behavior *", "traffic policy *", "qos-profile *",
        ]
        dialect.resets = [
            .init(
                "interface > ip binding vpn-instance",
                takesAway: ["interface > ip address", "interface > ipv6 address"]),
            .init("interface > portswitch $", takesAway: []),
        ]
        dialect.expanded = [
            "vlan batch", "interface > port trunk allow-pass vlan", "interface > port hybrid tagged|untagged vlan",
        ]
        dialect.unique = ["interface > ip address"]
        return dialect
    }

    /// Nokia SR OS with its classic CLI.
    static var nokiaSROSClassic: ConfigDialect {
        var dialect = ConfigDialect(
            name: "nokia_sros_classic",
            syntax: ConfigSyntax(
                family: .indented, comments: ["#"], noise: ["echo", "exit all $"], sectionEnds: ["exit $"]))
        dialect.sections = ["configure", "** > interface", "** > port", "** > policy", "** > group", "** > neighbor"]
        dialect.negations = [.init("** > description", "no description")]
        dialect.replacing = [
            "** > description|mtu|address|name|location|contact|autonomous-system|router-id|peer-as|import|export",
            "** > cir|pir|rate|local-address|keepalive|hold-time|priority|metric|port|encap-type|mode|speed",
        ]
        dialect.toggles = ["** > shutdown"]
        dialect.definitions = [
            "configure > filter", "configure > qos", "configure > router > policy-options", "configure > port",
        ]
        return dialect
    }
}
