extension ConfigDialect {
    /// Of these lines there is one of a kind on a device.
    static let ciscoGlobals: [LinePattern] = [
        "hostname", "enable secret|password", "ip domain name", "ip domain-name", "ip default-gateway",
        "clock timezone|summer-time", "banner *",
        "username * ssh-key|sshkey|passphrase|autocommand|access-class|view|aaa", "username *",
        "logging source-interface ~ vrf *", "logging history size",
        "logging buffered|trap|facility|source-interface|console|monitor|origin-id|count",
        "snmp-server location|contact|chassis-id|trap-source|engineID",
        "snmp-server source-interface traps|inform|informs", "snmp-server source-interface",
        "snmp-server community * use-acl|use-ipv4acl|use-ipv6acl", "snmp-server community *",
        "ntp source", "ntp source-interface", "ntp master", "spanning-tree mode|extend", "vtp mode|domain|version",
        "ip ssh version|time-out|authentication-retries|source-interface",
        "ip tacacs|radius|tftp|ftp source-interface", "tacacs-server key|timeout",
        "radius-server key|timeout|retransmit",
        "aaa authentication * *", "aaa authorization commands * *", "aaa authorization * *",
        "aaa accounting commands * *",
        "aaa accounting * *", "system mtu", "service timestamps log|debug", "errdisable recovery interval",
        "mac address-table aging-time", "lldp timer|holdtime", "cdp timer|holdtime",
        "archive > path|maximum|time-period",
        "vlan > name|state", "line > exec-timeout|session-timeout|password|length|width|stopbits|speed|login|privilege",
        "line > transport input|output|preferred", "line > access-class ~ in|out", "line > authorization|accounting *",
        "key chain > key > key-string", "tacacs server > address|key|timeout", "radius server > address|key|timeout",
        "ip dhcp pool > network|default-router|dns-server|lease|domain-name", "** > description",
    ]

    /// Of these lines there is one of a kind in an interface.
    static let ciscoInterface: [LinePattern] = [
        "interface > ip address ~ ~ $", "interface > ip address ~ $", "interface > ip address $",
        "interface > mtu|bandwidth|speed|duplex|delay|keepalive|load-interval|encapsulation|channel-group|carrier-delay",
        "interface > ip mtu|policy", "interface > ip tcp adjust-mss", "interface > ip access-group ~ in|out",
        "interface > ip ospf cost|priority|hello-interval|dead-interval|network|authentication",
        "interface > ip ospf * area",
        "interface > ipv6 mtu", "interface > ipv6 traffic-filter ~ in|out", "interface > vrf forwarding",
        "interface > ip vrf forwarding", "interface > switchport mode", "interface > switchport access|voice vlan",
        "interface > switchport trunk native|allowed vlan", "interface > tunnel source|destination|mode|key",
        "interface > standby * priority|timers|preempt|authentication|version", "interface > standby * ip ~ $",
        "interface > standby version", "interface > vrrp * priority",
        "interface > spanning-tree cost|port-priority|portfast",
        "interface > storm-control * level", "interface > power inline|client", "interface > power local *",
        "interface > lacp timer|rate|port-priority|max-bundle|min-links|system-priority",
    ]

    /// Of these lines there is one of a kind in a routing process, a route map or a VRF.
    static let ciscoRouting: [LinePattern] = [
        "router > ** > router-id",
        "router > ** > auto-cost|default-metric", "router > ** > maximum-paths ibgp|eibgp|mixed",
        "router > ** > maximum-paths ~ $", "router > ** > distance bgp|ospf|eigrp|isis", "router > ** > distance ~ $",
        "router > ** > timers throttle *", "router > ** > timers lsa|pacing *",
        "router > ** > timers bgp|basic|active-time|lsa-arrival|lsa-group-pacing|spf",
        "router > ** > bgp router-id|cluster-id", "router > ** > bgp listen limit",
        "router > ** > bgp graceful-restart restart-time|stalepath-time|purge-time",
        "router > ** > bgp confederation identifier|peers",
        "router > ** > redistribute connected|static|rip", "router > ** > redistribute ospf|bgp|eigrp|isis *",
        "router > ** > default-information", "router bgp > ** > network * mask *",
        "router bgp > ** > neighbor * remote-as|update-source|timers|password|ebgp-multihop|maximum-prefix|weight|local-as",
        "router bgp > ** > neighbor * description|ttl-security|advertisement-interval|transport|allowas-in|peer-group",
        "router bgp > ** > neighbor * fall-over|maximum-routes|send-community",
        "router bgp > ** > neighbor * route-map|prefix-list|filter-list|distribute-list ~ in|out",
        "route-map > set local-preference|metric|metric-type|weight|tag|origin|community|level|ip|ipv6",
        "route-map > continue",
    ]

    /// Of these lines there is one of a kind in a class of a policy.
    static let ciscoQoS: [LinePattern] = [
        "policy-map > class > shape average|peak", "policy-map > class > bandwidth|priority|police|queue-limit",
        "policy-map > class > set dscp|precedence|cos|qos-group|mpls", "policy-map > class > set ip dscp|precedence",
    ]
}
