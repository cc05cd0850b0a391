extension ConfigDialect {
    /// What Cisco's IOS and the many that took after it have in common.
    static func ciscoLike(_ name: String) -> ConfigDialect {
        var dialect = ConfigDialect(
            name: name,
            syntax: ConfigSyntax(
                family: .indented, comments: ["!"],
                noise: [
                    "Building configuration...", "Current configuration", "Using # out of", "version", "end $",
                    "ntp clock-period",
                    "boot-start-marker", "boot-end-marker", "Load for", "Time source",
                ],
                sectionEnds: [
                    "exit $", "exit-address-family $", "exit-vrf $", "exit-peer-policy $", "exit-peer-session $",
                ],
                blocks: [.init(begins: "banner *")]))
        dialect.sections = [
            "interface", "vlan #", "router", "class-map", "policy-map", "policy-map > class", "route-map",
            "ip access-list",
            "ipv6 access-list", "mac access-list", "vrf", "ip vrf", "line", "key chain", "key chain > key",
            "aaa group server",
            "tacacs server", "radius server", "router > address-family", "router > ** > address-family",
            "vrf > address-family", "ip dhcp pool", "object-group", "archive", "track", "ip sla", "monitor session",
        ]
        dialect.adjoining = ["interface"]
        dialect.negations = [
            .init("** > description", "no description"),
            .init("banner *", "no {matched}"),
            .init("username * ssh-key|sshkey|passphrase|autocommand|access-class|view|aaa", "no {matched}"),
            .init("username *", "no {matched}"),
            .init("hostname", "no {matched}"),
            .init("enable secret|password", "no {matched}"),
            .init("snmp-server location|contact", "no {matched}"),
            .init("snmp-server community *", "no {matched}"),
            .init("logging buffered|trap|facility", "no {matched}"),
            .init("aaa authentication|authorization|accounting * *", "no {line}"),
            .init("interface > mtu|bandwidth|speed|duplex", "no {matched}"),
            .init("interface > switchport access|voice vlan", "no {matched}"),
            .init("interface > switchport trunk native|allowed vlan", "no {matched}"),
            .init("line > exec-timeout|password", "no {matched}"),
            .init("vlan > name", "no name"),
            .init("** > neighbor * description|password", "no {matched}"),
            .init("policy-map > class > police", "no police"),
            .init("ip access-list > #", "no {matched}"),
            .init("ipv6 access-list > sequence #", "no {matched}"),
            .init("mac access-list > #", "no {matched}"),
        ]
        dialect.groups = [
            "router bgp > neighbor *", "router bgp > vrf > neighbor *", "ip prefix-list *", "ipv6 prefix-list *",
            "ip as-path access-list *", "ip community-list standard|expanded *", "access-list *",
        ]
        dialect.replacing = ciscoGlobals + ciscoInterface + ciscoRouting + ciscoQoS
        dialect.exchanged = [
            "ip access-list > #", "ipv6 access-list > sequence #", "ipv6 access-list > #", "mac access-list > #",
            "ip prefix-list * seq #", "ipv6 prefix-list * seq #", "route-map * ~ *",
            "interface > service-policy input|output", "interface > service-policy type ~ input|output",
            "policy-map > class > service-policy", "vrf > rd", "ip vrf > rd",
            "class-map type * ~ * $", "class-map type * * ~ * $",
            "class-map ~ *",
        ]
        dialect.defaults = ["interface > no shutdown"]
        dialect.toggles = [
            "ip routing", "ip http server", "ip http secure-server", "ip domain lookup", "ip domain-lookup",
            "ip source-route",
            "ip bootp server", "service pad", "service config", "service password-encryption", "cdp run", "lldp run",
            "aaa new-model", "ip classless", "** > auto-summary", "** > synchronization",
            "** > bgp default ipv4-unicast",
            "** > bgp log-neighbor-changes", "interface > ip redirects|unreachables|proxy-arp",
            "interface > switchport $",
            "interface > cdp|lldp", "interface > negotiation",
        ]
        dialect.ordered = [
            .init("policy-map > class ~", last: "policy-map > class class-default"),
            .init("ip access-list > permit|deny|remark"), .init("ipv6 access-list > permit|deny|remark"),
            .init("access-list *"), .init("ip prefix-list *"), .init("ipv6 prefix-list *"),
            .init("ip as-path access-list *"), .init("ip community-list standard|expanded *"),
            .init("aaa group server > server"),
        ]
        dialect.numbered = ["ip access-list"]
        dialect.definitions = [
            "vrf definition *", "ip vrf *", "vrf instance|context *", "vlan *", "key chain *", "tacacs server *",
            "radius server *",
            "aaa group server ~ *", "object-group ~ *", "ip access-list standard|extended *", "ip access-list *",
            "ipv6 access-list *", "mac access-list ~ *", "access-list *", "ip prefix-list *", "ipv6 prefix-list *",
            "ip as-path access-list *", "ip community-list ~ *", "route-map *", "ip sla #", "track #",
            "class-map type * ~ * $", "class-map type * * ~ * $", "class-map type * * $",
            "class-map match-any|match-all *", "class-map *", "policy-map type ~ *", "policy-map *",
            "** > neighbor * peer-group $",
        ]
        dialect.resets = [
            .init("interface > vrf forwarding", takesAway: ["interface > ip address", "interface > ipv6 address"]),
            .init("interface > ip vrf forwarding", takesAway: ["interface > ip address"]),
            .init("interface > switchport $", takesAway: []),
        ]
        dialect.continued = ["interface > switchport trunk allowed vlan"]
        dialect.expanded = ["vlan"]
        dialect.unique = ["interface > ip address", "interface > ipv6 address"]
        dialect.recreated = ["ip sla #", "event manager applet"]
        return dialect
    }

    /// Cisco IOS and IOS-XE.
    static func ciscoIOS(_ name: String) -> ConfigDialect {
        var dialect = ciscoLike(name)
        dialect.syntax.blocks += [
            .init(begins: "certificate self-signed|ca ~ $", ends: "quit"),
            .init(begins: "certificate ~ $", ends: "quit"),
        ]
        dialect.sectionExits = [
            .init("router > address-family", "exit-address-family"),
            .init("vrf definition > address-family", "exit-address-family"),
        ]
        // A physical interface stays; what it holds goes.
        dialect.negations.insert(
            contentsOf: [
                .init("interface *.* $", "no {line}"),
                .init("interface *Ethernet*|TwentyFiveGigE*|FortyGigabit*|HundredGigE*|Serial* $", "default {line}"),
            ], at: 0)
        return dialect
    }

    /// Cisco NX-OS.
    static var ciscoNXOS: ConfigDialect {
        var dialect = ciscoLike("cisco_nxos")
        dialect.syntax.noise += ["boot nxos|kickstart|system", "power redundancy-mode"]
        dialect.definitions.insert("feature *", at: 0)
        dialect.sections += [
            "vrf context", "router bgp > neighbor", "router bgp > ** > neighbor", "interface > hsrp #",
        ]
        dialect.groups.removeAll { $0 == "router bgp > neighbor *" || $0 == "router bgp > vrf > neighbor *" }
        dialect.replacing += ["** > neighbor > remote-as|update-source|timers|password|ebgp-multihop|inherit"]
        dialect.exchanged += ["policy-map type ~ ~ > class type ~ ~ > service-policy"]
        // Ports are switched off unless they say otherwise, and both are shown.
        dialect.defaults = []
        dialect.toggles.append("interface > shutdown")
        dialect.resets.append(
            .init("interface > vrf member", takesAway: ["interface > ip address", "interface > ipv6 address"]))
        dialect.replacing.append("interface > vrf member")
        dialect.replacing.insert("interface > load-interval counter *", at: 0)
        dialect.ordered.append(.init("policy-map > class type ~ ~", last: "policy-map > class type ~ class-default"))
        dialect.negations.insert(
            contentsOf: [
                .init("interface Ethernet*.* $", "no {line}"), .init("interface Ethernet* $", "default {line}"),
            ], at: 0)
        return dialect
    }

    /// Cisco IOS-XR.
    static var ciscoIOSXR: ConfigDialect {
        var dialect = ciscoLike("cisco_iosxr")
        dialect.syntax.noise += ["Mon|Tue|Wed|Thu|Fri|Sat|Sun ~ #"]
        dialect.syntax.sectionEnds += [
            "end-policy $", "end-set $", "end-policy-map $", "end-class-map $", "end-group $", "root $",
        ]
        dialect.sectionExits = [
            .init("route-policy", "end-policy"), .init("route-policy > ** > ~", ""),
            .init("prefix-set|as-path-set|community-set|extcommunity-set|rd-set", "end-set"),
            .init("policy-map", "end-policy-map"), .init("class-map", "end-class-map"), .init("group", "end-group"),
        ]
        dialect.rewritten = ["route-policy", "prefix-set|as-path-set|community-set|extcommunity-set|rd-set"]
        dialect.sections += [
            "route-policy", "ipv4 access-list", "router bgp > ** > neighbor", "router bgp > ** > neighbor-group",
            "router > ** > area",
            "router ospf > area > interface", "router isis > interface", "router static > ** > address-family",
            "prefix-set|as-path-set|community-set|extcommunity-set|rd-set",
        ]
        dialect.groups = []
        dialect.numbered = ["ipv4 access-list", "ipv6 access-list"]
        dialect.exchanged += ["ipv4 access-list > #"]
        dialect.negations += [
            .init("ipv4 access-list > #", "no {matched}"), .init("ipv6 access-list > #", "no {matched}"),
        ]
        dialect.replacing += [
            "interface > ipv4 address ~ ~ $", "interface > ipv4 address ~ $", "interface > vrf $", "interface > vrf",
            "interface > ipv4 mtu", "interface > ipv4 access-group ~ ingress|egress", "** > router-id",
            "** > remote-as",
            "** > update-source", "** > use neighbor-group", "** > route-policy ~ in|out", "** > cost|metric|priority",
            "domain name", "ssh server vrf *", "ssh server v2", "** > maximum-prefix", "** > timers bgp|basic",
            "** > timers throttle *", "** > timers ~ ~ $", "** > password",
            "** > ebgp-multihop",
        ]
        dialect.definitions.insert(
            contentsOf: [
                "vrf *", "ipv4 access-list *", "prefix-set *", "as-path-set *", "community-set *", "extcommunity-set *",
                "rd-set *",
                "route-policy *", "** > neighbor-group *", "** > session-group *", "** > af-group *",
            ], at: 0)
        dialect.resets = [
            .init("interface > vrf", takesAway: ["interface > ipv4 address", "interface > ipv6 address"])
        ]
        dialect.unique = ["interface > ipv4 address", "interface > ipv6 address"]
        // Two lines say how much is kept, and what of it.
        dialect.replacing.insert(
            "logging buffered emergencies|alerts|critical|errors|warnings|notifications|informational|debugging|discriminator",
            at: 0)
        dialect.negations.insert(.init("logging buffered", "no {line}"), at: 0)
        return dialect
    }
}
