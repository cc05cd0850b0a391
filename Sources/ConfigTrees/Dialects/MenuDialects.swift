extension ConfigDialect {
    /// MikroTik RouterOS.
    static var mikroTikRouterOS: ConfigDialect {
        var dialect = ConfigDialect(name: "mikrotik_routeros", syntax: ConfigSyntax(family: .menus, comments: ["#"]))
        dialect.negation = "remove"
        dialect.sectionExit = ""
        // Values of an entry: behind the menu, the entry and the value's name.
        dialect.replacing = ["* > * > * > ~"]
        dialect.ordered = [
            .init("/ip firewall filter|nat|mangle|raw > [ find"),
            .init("/ipv6 firewall filter|nat|mangle|raw > [ find"),
            .init("/queue simple > [ find"), .init("/routing filter rule > [ find"),
        ]
        dialect.entryKeys = [
            .init("/ip address", ["address"]), .init("/ipv6 address", ["address"]),
            .init("/ip route", ["dst-address", "gateway"]), .init("/ipv6 route", ["dst-address", "gateway"]),
            .init("/ip dns static", ["name"]), .init("/interface bridge port", ["interface"]),
            .init("/interface bridge vlan", ["bridge", "vlan-ids"]),
            .init("/interface list member", ["interface", "list"]),
            .init("/ip dhcp-server network", ["address"]), .init("/ip dhcp-client", ["interface"]),
            .init("/ip firewall address-list", ["address", "list"]), .init("/system ntp client servers", ["address"]),
            .init("/system logging", ["topics", "action"]), .init("/routing ospf interface-template", ["interfaces"]),
        ]
        return dialect
    }
}
