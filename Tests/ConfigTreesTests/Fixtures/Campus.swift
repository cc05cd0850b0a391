extension Fixture {
    /// Switches and firewalls for which no definition ships.
    static let campus: [Fixture] = [
        Fixture(
            "hp_comware", "ports, VLANs and lists of them",
            running: """
                #
                 version 7.1.070, Release 3506P02
                #
                 sysname access-7
                #
                vlan 10
                 name users
                #
                vlan 30
                 name printers
                #
                interface Vlan-interface10
                 ip address 10.1.10.1 255.255.255.0
                #
                interface GigabitEthernet1/0/1
                 port link-mode bridge
                 description uplink
                 port link-type trunk
                 port trunk permit vlan 10 20 to 22
                #
                interface GigabitEthernet1/0/2
                 port link-mode bridge
                 port access vlan 30
                 shutdown
                #
                 ntp-service unicast-server 10.0.0.50
                #
                return
                """,
            intended: """
                 sysname access-7
                vlan 10
                 name staff
                interface GigabitEthernet1/0/1
                 port link-mode bridge
                 description uplink
                 port link-type trunk
                 port trunk permit vlan 10 20 22
                 stp edged-port enable
                #
                 ntp-service unicast-server 10.0.0.51
                """,
            commands: """
                vlan 10
                 name staff
                quit
                undo interface Vlan-interface10
                undo ntp-service unicast-server 10.0.0.50
                interface GigabitEthernet1/0/1
                 undo port trunk permit vlan 21
                 stp edged-port enable
                quit
                interface GigabitEthernet1/0/2
                 undo port access vlan
                 undo shutdown
                 undo port link-mode
                quit
                ntp-service unicast-server 10.0.0.51
                undo vlan 30
                """),
        Fixture(
            "hp_comware", "a port that routes takes nothing of the switch along",
            running: """
                interface GigabitEthernet1/0/5
                 port link-mode bridge
                 description to the firewall
                 port access vlan 30
                """,
            intended: """
                interface GigabitEthernet1/0/5
                 port link-mode route
                 description to the firewall
                 ip address 192.0.2.1 255.255.255.252
                """,
            commands: """
                interface GigabitEthernet1/0/5
                 undo port access vlan
                 port link-mode route
                 ip address 192.0.2.1 255.255.255.252
                quit
                """),
        Fixture(
            "hp_procurve", "lists of ports, names, and ports that are switched off",
            running: """
                ; J9729A Configuration Editor; Created on release #WB.16.10.0016

                hostname "closet-2"
                interface 3
                   name "old printer"
                   disable
                   exit
                vlan 1
                   name "DEFAULT_VLAN"
                   no untagged 1-6,A1
                   untagged 7-24
                   exit
                vlan 10
                   name "users"
                   untagged 1-4
                   tagged A1,Trk1
                   ip address 10.1.10.1 255.255.255.0
                   exit
                vlan 30
                   name "printers"
                   untagged 5-6
                   exit
                vlan 40
                   name "guests"
                   exit
                snmp-server contact "noc"
                ip route 10.9.0.0 255.255.0.0 10.1.10.254
                """,
            intended: """
                hostname "closet-2"
                interface 5
                   name "door"
                   speed-duplex 100-full
                   exit
                vlan 1
                   name "DEFAULT_VLAN"
                   no untagged 1-6,A1
                   untagged 7-24
                   exit
                vlan 10
                   name "users"
                   untagged 1-5
                   tagged A1-A2
                   ip address 10.1.10.2 255.255.255.0
                   exit
                vlan 30
                   name "printers"
                   untagged 6
                   exit
                snmp-server contact "operations"
                """,
            commands: """
                vlan 30
                 no untagged 5
                exit
                vlan 10
                 no tagged Trk1
                 no ip address 10.1.10.1 255.255.255.0
                 untagged 5
                 tagged A2
                 ip address 10.1.10.2 255.255.255.0
                exit
                no ip route 10.9.0.0 255.255.0.0 10.1.10.254
                interface 3
                 no name
                 enable
                exit
                interface 5
                 name "door"
                 speed-duplex 100-full
                exit
                snmp-server contact "operations"
                no vlan 40
                """),
        Fixture(
            "fortinet_fortios", "tables are emptied entry by entry, values are unset",
            running: """
                #config-version=FGT60F-7.2.5-FW-build1517-230606:opmode=0:vdom=0:user=admin
                config system global
                    set hostname "fw-1"
                    set timezone 26
                end
                config system interface
                    edit "wan1"
                        set ip 203.0.113.1 255.255.255.252
                        set alias "to the provider"
                        config ipv6
                            set ip6-address 2001:db8::1/64
                        end
                    next
                    edit "old lan"
                        set status down
                    next
                end
                config firewall address
                    edit "LAN"
                        set subnet 10.1.0.0 255.255.0.0
                    next
                end
                """,
            intended: """
                config system global
                    set hostname "fw-2"
                end
                config system interface
                    edit "wan1"
                        set ip 203.0.113.1 255.255.255.252
                        set alias "to another provider"
                    next
                    edit "lan3"
                        set ip 10.3.3.1 255.255.255.0
                    next
                end
                """,
            commands: """
                config system global
                 unset timezone
                 set hostname "fw-2"
                end
                config system interface
                 delete "old lan"
                 edit "wan1"
                  set alias "to another provider"
                  config ipv6
                   unset ip6-address
                  end
                 next
                 edit "lan3"
                  set ip 10.3.3.1 255.255.255.0
                 next
                end
                config firewall address
                 delete "LAN"
                end
                """),
        Fixture(
            "fortinet_fortios", "policies decide in their order",
            running: """
                config firewall policy
                    edit 1
                        set action accept
                        set service "HTTPS"
                    next
                    edit 2
                        set action deny
                    next
                end
                """,
            intended: """
                config firewall policy
                    edit 1
                        set action accept
                        set service "HTTPS"
                    next
                    edit 3
                        set action accept
                        set service "SSH"
                    next
                    edit 2
                        set action deny
                    next
                end
                """,
            commands: """
                config firewall policy
                 delete 2
                 edit 3
                  set action accept
                  set service "SSH"
                 next
                 edit 2
                  set action deny
                 next
                end
                """),
    ]
}
