extension Fixture {
    static let nxos: [Fixture] = [
        Fixture(
            "cisco_nxos", "features, VLANs, ports and a neighbor",
            running: """
                !Command: show running-config
                !Time: Thu Nov 26 10:11:12 2026

                version 9.3(5) Bios:version
                hostname leaf-1
                feature lacp
                feature telnet
                vlan 1,10,20
                vlan 10
                  name users
                interface Ethernet1/1
                  description server 1
                  switchport access vlan 10
                  no shutdown
                interface Ethernet1/2
                  no switchport
                  vrf member RED
                  ip address 10.0.0.1/31
                  no shutdown
                router bgp 65001
                  router-id 10.0.0.1
                  neighbor 10.0.0.0
                    remote-as 65000
                    description spine 1
                    address-family ipv4 unicast
                      route-map IN in
                """,
            intended: """
                hostname leaf-1
                feature bgp
                feature lacp
                vlan 1,10,30
                vlan 10
                  name users
                interface Ethernet1/1
                  description server 1
                  switchport access vlan 30
                  shutdown
                interface Ethernet1/2
                  no switchport
                  vrf member BLUE
                  ip address 10.0.0.1/31
                  no shutdown
                router bgp 65001
                  router-id 10.0.0.1
                  neighbor 10.0.0.0
                    remote-as 65000
                    description spine 01
                    address-family ipv4 unicast
                      route-map IN in
                      route-map OUT out
                """,
            commands: """
                feature bgp
                vlan 30
                exit
                interface Ethernet1/1
                 switchport access vlan 30
                 shutdown
                interface Ethernet1/2
                 vrf member BLUE
                 ip address 10.0.0.1/31
                exit
                router bgp 65001
                 neighbor 10.0.0.0
                  description spine 01
                  address-family ipv4 unicast
                   route-map OUT out
                  exit
                 exit
                exit
                no vlan 20
                no feature telnet
                """),
        Fixture(
            "cisco_nxos", "numbered lists and a banner",
            running: """
                ip access-list MGMT
                  10 permit tcp 10.0.0.0/8 any eq 22
                  20 deny ip any any
                ip prefix-list LO seq 5 permit 10.255.0.0/16 eq 32
                banner motd #
                Old
                #
                ntp server 10.0.0.1 use-vrf management
                line vty
                  exec-timeout 30
                """,
            intended: """
                ip access-list MGMT
                  10 permit tcp 10.1.0.0/16 any eq 22
                  20 deny ip any any
                ip prefix-list LO seq 5 permit 10.254.0.0/16 eq 32
                banner motd #
                New
                text
                #
                ntp server 10.0.0.2 use-vrf management
                line vty
                  exec-timeout 10
                """,
            commands: """
                ip access-list MGMT
                 no 10
                 10 permit tcp 10.1.0.0/16 any eq 22
                exit
                no ip prefix-list LO seq 5 permit 10.255.0.0/16 eq 32
                ip prefix-list LO seq 5 permit 10.254.0.0/16 eq 32
                no ntp server 10.0.0.1 use-vrf management
                banner motd #
                New
                text
                #
                ntp server 10.0.0.2 use-vrf management
                line vty
                 exec-timeout 10
                exit
                """),
    ]

    static let eos: [Fixture] = [
        Fixture(
            "arista_eos", "ports, a VLAN, a list, a neighbor and a banner",
            running: """
                ! device: leaf-1 (DCS-7050, EOS-4.30)
                !
                hostname leaf-1
                !
                vlan 10,20
                !
                interface Ethernet1
                   description server 1
                   switchport access vlan 10
                !
                interface Ethernet2
                   no switchport
                   ip address 10.0.0.1/31
                !
                ip access-list MGMT
                   10 permit tcp 10.0.0.0/8 any eq ssh
                   20 deny ip any any
                !
                banner motd
                Old
                EOF
                !
                router bgp 65001
                   neighbor 10.0.0.0 remote-as 65000
                   neighbor 10.0.0.0 description spine
                   neighbor 10.0.0.8 remote-as 65008
                   !
                   address-family ipv4
                      neighbor 10.0.0.0 activate
                      neighbor 10.0.0.8 activate
                !
                management api http-commands
                   no shutdown
                !
                end
                """,
            intended: """
                hostname leaf-1
                vlan 10,30
                vlan 30
                   name guests
                interface Ethernet1
                   description server 1
                   switchport access vlan 30
                   shutdown
                interface Ethernet2
                   no switchport
                   ip address 10.0.0.3/31
                ip access-list MGMT
                   10 permit tcp 10.0.0.0/8 any eq ssh
                   15 permit icmp any any
                   20 deny ip any any
                banner motd
                New
                EOF
                router bgp 65001
                   neighbor 10.0.0.0 remote-as 65000
                   neighbor 10.0.0.0 description spine-1
                   address-family ipv4
                      neighbor 10.0.0.0 activate
                management api http-commands
                   no shutdown
                   vrf MGMT
                      no shutdown
                """,
            commands: """
                vlan 30
                 name guests
                exit
                ip access-list MGMT
                 15 permit icmp any any
                exit
                interface Ethernet1
                 switchport access vlan 30
                 shutdown
                interface Ethernet2
                 ip address 10.0.0.3/31
                exit
                banner motd
                New
                EOF
                router bgp 65001
                 no neighbor 10.0.0.8
                 neighbor 10.0.0.0 description spine-1
                exit
                management api http-commands
                 vrf MGMT
                  no shutdown
                 exit
                exit
                no vlan 20
                """),
        Fixture(
            "arista_eos", "rates are said over, not taken away first; sections of one kind follow each other",
            running: """
                qos profile GOLD
                   shape rate 200000 kbps
                   tx-queue 3
                      shape rate 40000 kbps
                interface Ethernet1
                   shape rate 500000 kbps
                interface Ethernet2
                   service-profile GOLD
                   shape rate 500000 kbps
                interface Ethernet3
                   shape rate 500000 kbps
                """,
            intended: """
                qos profile GOLD
                   shape rate 400000 kbps
                   tx-queue 3
                      shape rate 80000 kbps
                interface Ethernet1
                   shape rate 1000000 kbps
                interface Ethernet2
                   service-profile SILVER
                   shape rate 1000000 kbps
                interface Ethernet3
                """,
            commands: """
                qos profile GOLD
                 shape rate 400000 kbps
                 tx-queue 3
                  shape rate 80000 kbps
                 exit
                exit
                interface Ethernet1
                 shape rate 1000000 kbps
                interface Ethernet2
                 service-profile SILVER
                 shape rate 1000000 kbps
                interface Ethernet3
                 no shape rate
                exit
                """),
    ]

    static let others: [Fixture] = [
        Fixture(
            "frr", "addresses, routes, a prefix list and a neighbor",
            running: """
                frr version 8.4.4
                frr defaults traditional
                hostname r1
                !
                ip route 10.9.0.0/16 10.0.0.2
                !
                interface e0
                 description up
                 ip address 10.0.0.1/24
                exit
                !
                router bgp 65001
                 neighbor 10.0.0.2 remote-as 65002
                 neighbor 10.0.0.3 remote-as 65003
                 !
                 address-family ipv4 unicast
                  network 10.1.0.0/16
                  neighbor 10.0.0.3 prefix-list IN in
                 exit-address-family
                exit
                !
                ip prefix-list IN seq 5 permit any
                !
                end
                """,
            intended: """
                hostname r1
                ip route 10.9.0.0/16 10.0.0.3
                interface e0
                 description uplink
                 ip address 10.0.0.1/24
                 ip address 10.0.1.1/24
                exit
                router bgp 65001
                 neighbor 10.0.0.2 remote-as 65002
                 address-family ipv4 unicast
                  network 10.1.0.0/16
                  network 10.2.0.0/16
                 exit-address-family
                exit
                """,
            commands: """
                no ip route 10.9.0.0/16 10.0.0.2
                ip route 10.9.0.0/16 10.0.0.3
                interface e0
                 description uplink
                 ip address 10.0.1.1/24
                exit
                router bgp 65001
                 no neighbor 10.0.0.3
                 address-family ipv4 unicast
                  network 10.2.0.0/16
                 exit-address-family
                exit
                no ip prefix-list IN
                """),
        Fixture(
            "dell_sonic", "ports show both",
            running: """
                interface Ethernet0
                 mtu 9100
                 no shutdown
                """,
            intended: """
                interface Ethernet0
                 mtu 9000
                 shutdown
                """,
            commands: """
                interface Ethernet0
                 mtu 9000
                 shutdown
                exit
                """),
        Fixture(
            "dell_sonic", "a port's rate changes in its place, and a policy comes before who names it",
            running: """
                qos scheduler-policy GOLD
                 !
                 queue 3
                  type dwrr
                  weight 40
                 !
                 port
                  pir 500000
                  pbs 16384
                !
                interface Ethernet0
                 scheduler-policy GOLD
                !
                interface Ethernet4
                 scheduler-policy OLD
                !
                interface Ethernet8
                """,
            intended: """
                qos scheduler-policy GOLD
                 queue 3
                  type strict
                 port
                  pir 1000000
                interface Ethernet0
                 scheduler-policy GOLD
                interface Ethernet4
                interface Ethernet8
                 scheduler-policy ROLLOUT-Ethernet8
                qos scheduler-policy ROLLOUT-Ethernet8
                 port
                  pir 7000
                """,
            commands: """
                qos scheduler-policy GOLD
                 queue 3
                  no weight
                  type strict
                 exit
                 port
                  no pbs
                  pir 1000000
                 exit
                exit
                qos scheduler-policy ROLLOUT-Ethernet8
                 port
                  pir 7000
                 exit
                exit
                interface Ethernet4
                 no scheduler-policy
                exit
                interface Ethernet8
                 scheduler-policy ROLLOUT-Ethernet8
                exit
                """),
        Fixture(
            "nokia_sros_classic", "an interface",
            running: """
                exit all
                configure
                #--------------------------------------------------
                echo "Router Configuration"
                #--------------------------------------------------
                    router
                        interface "to-core"
                            address 10.0.0.1/31
                            no shutdown
                        exit
                    exit
                exit all
                """,
            intended: """
                configure
                    router
                        interface "to-core"
                            address 10.0.0.3/31
                            description "core 1"
                            no shutdown
                        exit
                    exit
                """,
            commands: """
                configure
                 router
                  interface "to-core"
                   address 10.0.0.3/31
                   description "core 1"
                  exit
                 exit
                exit
                """),
        Fixture(
            "nokia_srlinux", "an interface and a neighbor",
            running: """
                interface ethernet-1/1 {
                    description "up link"
                    admin-state enable
                    subinterface 0 {
                        ipv4 {
                            address 10.0.0.1/31 {
                            }
                        }
                    }
                }
                interface ethernet-1/2 {
                    admin-state enable
                }
                """,
            intended: """
                set / interface ethernet-1/1 description uplink
                set / interface ethernet-1/1 admin-state enable
                set / interface ethernet-1/1 subinterface 0 ipv4 address 10.0.0.3/31
                set / network-instance default protocols bgp neighbor 10.0.0.2 peer-as 65002
                """,
            commands: """
                delete / interface ethernet-1/1 subinterface 0 ipv4 address 10.0.0.1/31
                delete / interface ethernet-1/2
                set / interface ethernet-1/1 description uplink
                set / interface ethernet-1/1 subinterface 0 ipv4 address 10.0.0.3/31
                set / network-instance default protocols bgp neighbor 10.0.0.2 peer-as 65002
                """),
        Fixture(
            "nokia_sros", "an interface",
            running: """
                configure {
                    router "Base" {
                        interface "to-core" {
                            port 1/1/1
                            ipv4 {
                                primary {
                                    address 10.0.0.1
                                    prefix-length 31
                                }
                            }
                        }
                        interface "to-edge" {
                            port 1/1/2
                        }
                    }
                }
                """,
            intended: """
                /configure router "Base" interface "to-core" description "core 1"
                /configure router "Base" interface "to-core" port 1/1/1
                /configure router "Base" interface "to-core" ipv4 primary address 10.0.0.3
                /configure router "Base" interface "to-core" ipv4 primary prefix-length 31
                """,
            commands: """
                delete /configure router Base interface to-edge
                /configure router Base interface to-core description "core 1"
                /configure router Base interface to-core ipv4 primary address 10.0.0.3
                """),
    ]
}
