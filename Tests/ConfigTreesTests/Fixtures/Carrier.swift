extension Fixture {
    static let iosxr: [Fixture] = [
        Fixture(
            "cisco_iosxr", "lines that begin alike and stand beside each other",
            running: """
                logging buffered 2097152
                logging buffered debugging
                ssh server vrf default
                ssh server vrf MGMT
                router ospf 1
                 timers throttle lsa all 50 200 5000
                 timers throttle spf 50 200 5000
                !
                """,
            intended: """
                logging buffered 4194304
                logging buffered debugging
                ssh server vrf default
                router ospf 1
                 timers throttle lsa all 50 200 5000
                 timers throttle spf 100 200 5000
                !
                """,
            commands: """
                no ssh server vrf MGMT
                logging buffered 4194304
                router ospf 1
                 timers throttle spf 100 200 5000
                exit
                """),
        Fixture(
            "cisco_iosxr", "policies and sets are said as a whole",
            running: """
                Thu Nov 26 10:11:12.123 UTC
                Building configuration...
                !! IOS XR Configuration 7.3.2
                hostname pe-1
                prefix-set CUSTOMERS
                  10.1.0.0/16,
                  10.2.0.0/16
                end-set
                !
                route-policy IN
                  if destination in CUSTOMERS then
                    set local-preference 200
                  else
                    drop
                  endif
                end-policy
                !
                interface GigabitEthernet0/0/0/0
                 description core
                 ipv4 address 10.0.0.1 255.255.255.254
                 shutdown
                !
                router bgp 65001
                 neighbor 10.0.0.0
                  remote-as 65001
                  address-family ipv4 unicast
                   route-policy IN in
                  !
                 !
                !
                end
                """,
            intended: """
                hostname pe-1
                prefix-set CUSTOMERS
                  10.1.0.0/16,
                  10.3.0.0/16
                end-set
                route-policy IN
                  if destination in CUSTOMERS then
                    set local-preference 300
                  else
                    drop
                  endif
                end-policy
                interface GigabitEthernet0/0/0/0
                 description core 1
                 ipv4 address 10.0.0.3 255.255.255.254
                router bgp 65001
                 neighbor 10.0.0.0
                  remote-as 65001
                  address-family ipv4 unicast
                   route-policy IN in
                 neighbor 10.0.0.2
                  remote-as 65002
                """,
            commands: """
                prefix-set CUSTOMERS
                 10.1.0.0/16,
                 10.3.0.0/16
                end-set
                route-policy IN
                 if destination in CUSTOMERS then
                  set local-preference 300
                 else
                  drop
                 endif
                end-policy
                interface GigabitEthernet0/0/0/0
                 no shutdown
                 description core 1
                 ipv4 address 10.0.0.3 255.255.255.254
                exit
                router bgp 65001
                 neighbor 10.0.0.2
                  remote-as 65002
                 exit
                exit
                """),
        Fixture(
            "cisco_iosxr", "a list, a policy map and static routes",
            running: """
                ipv4 access-list EDGE
                 10 permit icmp any any
                 20 deny ipv4 any any
                !
                policy-map WAN
                 class class-default
                  shape average 50 mbps
                 !
                 end-policy-map
                !
                router static
                 address-family ipv4 unicast
                  0.0.0.0/0 10.0.0.1
                 !
                !
                """,
            intended: """
                ipv4 access-list EDGE
                 10 permit icmp any any echo
                 20 deny ipv4 any any
                policy-map WAN
                 class class-default
                  shape average 100 mbps
                 !
                 end-policy-map
                router static
                 address-family ipv4 unicast
                  0.0.0.0/0 10.0.0.3
                """,
            commands: """
                ipv4 access-list EDGE
                 no 10
                 10 permit icmp any any echo
                exit
                policy-map WAN
                 class class-default
                  shape average 100 mbps
                 exit
                end-policy-map
                router static
                 address-family ipv4 unicast
                  no 0.0.0.0/0 10.0.0.1
                  0.0.0.0/0 10.0.0.3
                 exit
                exit
                """),
    ]

    static let junos: [Fixture] = [
        Fixture(
            "juniper_junos", "what is matched may be several, what is done is one",
            running: """
                set system radius-server 192.0.2.9 port 1812
                set firewall family inet filter IN term T from source-address 192.0.2.0/24
                set firewall family inet filter IN term T from port 80
                set firewall family inet filter IN term T then loss-priority low
                """,
            intended: """
                set system radius-server 192.0.2.9 port 1645
                set firewall family inet filter IN term T from source-address 198.51.100.0/24
                set firewall family inet filter IN term T from port 80
                set firewall family inet filter IN term T from port 443
                set firewall family inet filter IN term T then loss-priority high
                """,
            commands: """
                delete firewall family inet filter IN term T from source-address 192.0.2.0/24
                set system radius-server 192.0.2.9 port 1645
                set firewall family inet filter IN term T from source-address 198.51.100.0/24
                set firewall family inet filter IN term T from port 443
                set firewall family inet filter IN term T then loss-priority high
                """),
        Fixture(
            "juniper_junos", "interfaces, filters, groups and servers",
            running: """
                ## Last commit: 2026-11-26 10:11:12 UTC by admin
                version 20.4R3.8;
                system {
                    host-name mx-1;
                    login {
                        message "Old text";
                        user admin {
                            class super-user;
                            authentication {
                                encrypted-password "$6$old"; ## SECRET-DATA
                            }
                        }
                    }
                    ntp {
                        server 10.0.0.1;
                        server 10.0.0.2;
                    }
                }
                interfaces {
                    /* to the core */
                    ge-0/0/0 {
                        description "core link";
                        unit 0 {
                            family inet {
                                filter {
                                    input EDGE;
                                }
                                address 10.0.0.1/31;
                            }
                        }
                    }
                    inactive: ge-0/0/1 {
                        description spare;
                    }
                    ge-0/0/2 {
                        vlan-tagging;
                        unit 5 {
                            vlan-id 5;
                        }
                    }
                }
                firewall {
                    family inet {
                        filter EDGE {
                            term ssh {
                                from {
                                    protocol tcp;
                                    destination-port [ ssh https ];
                                }
                                then accept;
                            }
                            term rest {
                                then {
                                    discard;
                                }
                            }
                        }
                    }
                }
                """,
            intended: """
                system {
                    host-name mx-01;
                    login {
                        message "No trespass";
                        user admin {
                            class super-user;
                            authentication {
                                encrypted-password "$6$new";
                            }
                        }
                    }
                    ntp {
                        server 10.0.0.2;
                        server 10.0.0.3;
                    }
                }
                interfaces {
                    ge-0/0/0 {
                        description "core link 1";
                        unit 0 {
                            family inet {
                                filter {
                                    input EDGE;
                                }
                                address 10.0.0.3/31;
                            }
                        }
                    }
                    ge-0/0/1 {
                        description spare;
                    }
                }
                firewall {
                    family inet {
                        filter EDGE {
                            term ssh {
                                from {
                                    protocol tcp;
                                    destination-port ssh;
                                }
                                then accept;
                            }
                            term icmp {
                                from {
                                    protocol icmp;
                                }
                                then accept;
                            }
                            term rest {
                                then {
                                    discard;
                                }
                            }
                        }
                    }
                }
                """,
            commands: """
                delete system ntp server 10.0.0.1
                delete interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/31
                delete interfaces ge-0/0/2
                delete firewall family inet filter EDGE term ssh from destination-port https
                set system host-name mx-01
                set system login message "No trespass"
                set system login user admin authentication encrypted-password "$6$new"
                set system ntp server 10.0.0.3
                set interfaces ge-0/0/0 description "core link 1"
                set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.3/31
                set firewall family inet filter EDGE term icmp from protocol icmp
                set firewall family inet filter EDGE term icmp then accept
                activate interfaces ge-0/0/1
                insert firewall family inet filter EDGE term icmp after term ssh
                """),
        Fixture(
            "juniper_junos", "set lines",
            running: """
                set protocols bgp group EBGP type external
                set protocols bgp group EBGP neighbor 10.0.0.1 peer-as 65001
                set protocols bgp group EBGP neighbor 10.0.0.2 peer-as 65002
                set vlans v10 vlan-id 10
                set snmp community public authorization read-only
                """,
            intended: """
                set protocols bgp group EBGP type external
                set protocols bgp group EBGP neighbor 10.0.0.1 peer-as 65011
                set protocols bgp group EBGP neighbor 10.0.0.1 description "new one"
                set vlans v10 vlan-id 10
                set vlans v20 vlan-id 20
                deactivate vlans v20
                """,
            commands: """
                delete protocols bgp group EBGP neighbor 10.0.0.2
                delete snmp
                set protocols bgp group EBGP neighbor 10.0.0.1 peer-as 65011
                set protocols bgp group EBGP neighbor 10.0.0.1 description "new one"
                set vlans v20 vlan-id 20
                deactivate vlans v20
                """),
    ]

    static let vyos: [Fixture] = [
        Fixture(
            "vyos", "ports of a group are several, that of a rule is one",
            running: """
                set firewall group port-group WEB port 80
                set firewall ipv4 name IN rule 10 destination port 22
                set service ssh port 22
                """,
            intended: """
                set firewall group port-group WEB port 80
                set firewall group port-group WEB port 443
                set firewall ipv4 name IN rule 10 destination port 2222
                set service ssh port 2222
                """,
            commands: """
                delete service ssh port 22
                set firewall group port-group WEB port 443
                set firewall ipv4 name IN rule 10 destination port 2222
                set service ssh port 2222
                """),
        Fixture(
            "vyos", "config.boot is led to set lines",
            running: """
                interfaces {
                    ethernet eth0 {
                        address 10.0.0.1/24
                        description "up link"
                        hw-id 00:00:5e:00:53:01
                        vif 100 {
                            address 10.0.100.1/24
                        }
                    }
                }
                protocols {
                    static {
                        route 0.0.0.0/0 {
                            next-hop 10.0.0.254 {
                            }
                        }
                    }
                }
                system {
                    host-name vy-1
                }
                // Warning: Do not remove the following line.
                // vyos-config-version: "bgp@4"
                """,
            intended: """
                set interfaces ethernet eth0 address '10.0.0.1/24'
                set interfaces ethernet eth0 address '10.0.1.1/24'
                set interfaces ethernet eth0 description 'the uplink'
                set interfaces ethernet eth0 hw-id '00:00:5e:00:53:01'
                set protocols static route 0.0.0.0/0 next-hop 10.0.0.253
                set system host-name 'vy-01'
                """,
            commands: """
                delete interfaces ethernet eth0 vif
                delete protocols static route 0.0.0.0/0 next-hop 10.0.0.254
                set interfaces ethernet eth0 address 10.0.1.1/24
                set interfaces ethernet eth0 description 'the uplink'
                set protocols static route 0.0.0.0/0 next-hop 10.0.0.253
                set system host-name vy-01
                """),
    ]

    static let vrp: [Fixture] = [
        Fixture(
            "huawei_vrp", "VLANs, ports, lists, a peer and lines",
            running: """
                !Software Version V200R010C00
                #
                sysname sw-1
                #
                vlan batch 10 20 30
                #
                acl number 3000
                 rule 5 permit tcp destination-port eq 22
                 rule 10 deny ip
                #
                interface GigabitEthernet0/0/1
                 description desk 1
                 port link-type access
                 port default vlan 10
                #
                interface GigabitEthernet0/0/2
                 port link-type trunk
                 port trunk allow-pass vlan 10 20
                 shutdown
                #
                interface Vlanif10
                 ip address 10.0.10.1 255.255.255.0
                #
                bgp 65001
                 peer 10.0.0.2 as-number 65002
                 peer 10.0.0.3 as-number 65003
                 #
                 ipv4-family unicast
                  undo synchronization
                  peer 10.0.0.2 enable
                  peer 10.0.0.3 enable
                #
                user-interface vty 0 4
                 idle-timeout 0 0
                #
                return
                """,
            intended: """
                sysname sw-01
                #
                vlan batch 10 30 40
                #
                acl number 3000
                 rule 5 permit tcp destination-port eq 22
                 rule 10 permit icmp
                 rule 15 deny ip
                #
                interface GigabitEthernet0/0/1
                 port link-type access
                 port default vlan 40
                #
                interface GigabitEthernet0/0/2
                 port link-type trunk
                 port trunk allow-pass vlan 10 30
                #
                interface Vlanif10
                 ip address 10.0.10.2 255.255.255.0
                #
                bgp 65001
                 peer 10.0.0.2 as-number 65002
                 peer 10.0.0.2 description carrier
                 #
                 ipv4-family unicast
                  undo synchronization
                  peer 10.0.0.2 enable
                #
                user-interface vty 0 4
                 idle-timeout 10 0
                """,
            commands: """
                vlan batch 40
                acl number 3000
                 undo rule 10
                 rule 10 permit icmp
                 rule 15 deny ip
                quit
                sysname sw-01
                interface GigabitEthernet0/0/1
                 undo description
                 port default vlan 40
                quit
                interface GigabitEthernet0/0/2
                 undo port trunk allow-pass vlan 20
                 undo shutdown
                 port trunk allow-pass vlan 30
                quit
                interface Vlanif10
                 ip address 10.0.10.2 255.255.255.0
                quit
                bgp 65001
                 undo peer 10.0.0.3
                 peer 10.0.0.2 description carrier
                quit
                user-interface vty 0 4
                 idle-timeout 10 0
                quit
                undo vlan batch 20
                """),
        Fixture(
            "huawei_vrp", "rates are said over, not taken away first",
            running: """
                interface GigabitEthernet0/0/1
                 qos lr outbound cir 500000
                interface GigabitEthernet0/0/2
                 qos lr outbound cir 500000
                """,
            intended: """
                interface GigabitEthernet0/0/1
                 qos lr outbound cir 1000000
                interface GigabitEthernet0/0/2
                """,
            commands: """
                interface GigabitEthernet0/0/1
                 qos lr outbound cir 1000000
                quit
                interface GigabitEthernet0/0/2
                 undo qos lr outbound
                quit
                """),
    ]

    static let routerOS: [Fixture] = [
        Fixture(
            "mikrotik_routeros", "queues, addresses, the firewall and names",
            running: """
                # nov/26/2026 10:11:12 by RouterOS 7.10
                /interface ethernet
                set [ find default-name=ether1 ] comment="up link" \\
                    disabled=yes
                /ip address
                add address=10.0.0.1/24 interface=ether1
                add address=10.0.9.1/24 interface=ether9
                /queue simple
                add name=cust-1 target=10.0.1.0/24 max-limit=10M/10M
                add name=cust-2 target=10.0.2.0/24 max-limit=10M/10M
                /ip firewall filter
                add action=accept chain=input protocol=icmp
                add action=drop chain=input
                /system identity
                set name=r1
                """,
            intended: """
                /interface ethernet
                set [ find default-name=ether1 ] comment="uplink"
                /ip address
                add address=10.0.0.1/24 interface=ether2
                /queue simple
                add name=cust-1 target=10.0.1.0/24 max-limit=20M/20M
                add name=cust-2 target=10.0.2.0/24 max-limit=10M/10M
                add name=cust-3 target=10.0.3.0/24 max-limit=10M/10M comment="new customer"
                /ip firewall filter
                add action=accept chain=input protocol=icmp
                add action=accept chain=input protocol=tcp dst-port=22
                add action=drop chain=input
                /system identity
                set name=r01
                """,
            commands: """
                /interface ethernet set [ find default-name=ether1 ] comment="uplink" disabled=no
                /ip address set [ find address=10.0.0.1/24 ] interface=ether2
                /queue simple set [ find name=cust-1 ] max-limit=20M/20M
                /queue simple add name=cust-3 target=10.0.3.0/24 max-limit=10M/10M comment="new customer"
                /ip firewall filter remove [ find action=drop chain=input ]
                /ip firewall filter add action=accept chain=input dst-port=22 protocol=tcp
                /ip firewall filter add action=drop chain=input
                /system identity set name=r01
                /ip address remove [ find address=10.0.9.1/24 ]
                """)
    ]
}
