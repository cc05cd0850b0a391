extension Fixture {
    static let ios: [Fixture] = [
        Fixture(
            "cisco_ios", "lines that begin alike and stand beside each other",
            running: """
                username ops privilege 15 secret 9 abc
                logging source-interface Loopback0
                logging source-interface Vlan99 vrf MGMT
                interface Dot11Radio0
                 power local cck 100
                 power local ofdm 30
                router bgp 65001
                 bgp confederation identifier 65000
                 bgp confederation peers 65002
                 bgp graceful-restart restart-time 120
                 bgp graceful-restart stalepath-time 360
                 maximum-paths 2
                 maximum-paths ibgp 2
                 distance bgp 20 200 200
                """,
            intended: """
                username ops privilege 15 secret 9 xyz
                logging source-interface Loopback1
                logging source-interface Vlan99 vrf MGMT
                interface Dot11Radio0
                 power local cck 100
                 power local ofdm 20
                router bgp 65001
                 bgp confederation identifier 65000
                 bgp confederation peers 65002
                 bgp graceful-restart restart-time 120
                 bgp graceful-restart stalepath-time 300
                 maximum-paths 4
                 maximum-paths ibgp 2
                 distance bgp 20 200 200
                """,
            commands: """
                username ops privilege 15 secret 9 xyz
                logging source-interface Loopback1
                interface Dot11Radio0
                 power local ofdm 20
                exit
                router bgp 65001
                 bgp graceful-restart stalepath-time 300
                 maximum-paths 4
                exit
                """),
        Fixture(
            "cisco_ios", "VLANs, addresses, descriptions and shutdown",
            running: """
                Building configuration...

                Current configuration : 1432 bytes
                !
                ! Last configuration change at 10:11:12 UTC Thu Nov 26 2026
                version 15.2
                hostname acc-1
                !
                vlan 10
                 name users
                !
                vlan 20
                 name voice
                !
                interface GigabitEthernet1/0/1
                 description desk 1
                 switchport access vlan 10
                 switchport mode access
                 spanning-tree portfast
                !
                interface GigabitEthernet1/0/2
                 shutdown
                !
                interface Vlan10
                 ip address 10.0.10.2 255.255.255.0
                 ip helper-address 10.0.0.5
                !
                end
                """,
            intended: """
                hostname acc-01
                vlan 10
                 name staff
                vlan 30
                 name guests
                interface GigabitEthernet1/0/1
                 description desk 1, by the window
                 switchport access vlan 30
                 switchport mode access
                 spanning-tree portfast
                interface GigabitEthernet1/0/2
                 description desk 2
                 no shutdown
                interface Vlan10
                 ip address 10.0.10.3 255.255.255.0
                 ip helper-address 10.0.0.6
                interface Vlan30
                 description guests
                 ip address 10.0.30.3 255.255.255.0
                 no shutdown
                """,
            commands: """
                vlan 10
                 name staff
                exit
                vlan 30
                 name guests
                exit
                hostname acc-01
                interface GigabitEthernet1/0/1
                 description desk 1, by the window
                 switchport access vlan 30
                interface GigabitEthernet1/0/2
                 description desk 2
                 no shutdown
                interface Vlan10
                 no ip helper-address 10.0.0.5
                 ip address 10.0.10.3 255.255.255.0
                 ip helper-address 10.0.0.6
                interface Vlan30
                 description guests
                 ip address 10.0.30.3 255.255.255.0
                 no shutdown
                exit
                no vlan 20
                """),
        Fixture(
            "cisco_ios", "servers, AAA, lines and a banner",
            running: """
                enable secret 9 $9$old
                aaa new-model
                aaa group server tacacs+ TAC
                 server 10.0.0.49
                aaa authentication login default local
                username admin privilege 15 secret 9 $9$a
                username guest secret 9 $9$g
                ip domain name old.example
                logging buffered 16384
                logging host 10.0.0.1
                snmp-server community public RO
                snmp-server location lab
                banner motd ^C
                 Old text
                ^C
                line con 0
                 logging synchronous
                line vty 0 4
                 exec-timeout 0 0
                 transport input telnet ssh
                ntp server 10.0.0.1
                ntp server 10.0.0.2
                end
                """,
            intended: """
                enable secret 9 $9$new
                aaa new-model
                aaa group server tacacs+ TAC
                 server 10.0.0.49
                 server 10.0.0.50
                aaa authentication login default group TAC local
                username admin privilege 15 secret 9 $9$b
                ip domain name example.net
                logging buffered 65536
                logging host 10.0.0.9
                snmp-server community k33p RO 10
                banner motd ^C
                ****************
                * No trespass! *
                ****************
                ^C
                line con 0
                 logging synchronous
                line vty 0 4
                 access-class 10 in
                 exec-timeout 10 0
                 transport input ssh
                ntp server 10.0.0.2
                ntp server 10.0.0.3
                """,
            commands: """
                aaa group server tacacs+ TAC
                 server 10.0.0.50
                exit
                no username guest
                no logging host 10.0.0.1
                no snmp-server community public
                no snmp-server location
                no ntp server 10.0.0.1
                enable secret 9 $9$new
                aaa authentication login default group TAC local
                username admin privilege 15 secret 9 $9$b
                ip domain name example.net
                logging buffered 65536
                logging host 10.0.0.9
                snmp-server community k33p RO 10
                banner motd ^C
                ****************
                * No trespass! *
                ****************
                ^C
                line vty 0 4
                 access-class 10 in
                 exec-timeout 10 0
                 transport input ssh
                exit
                ntp server 10.0.0.3
                """),
        Fixture(
            "cisco_ios", "a policy map changes hands",
            running: """
                class-map match-any VOICE
                 match dscp ef
                class-map match-any OLD
                 match dscp af11
                policy-map WAN-50
                 class VOICE
                  priority percent 10
                 class OLD
                  bandwidth percent 5
                 class class-default
                  shape average 50000000
                interface GigabitEthernet0/0
                 bandwidth 50000
                 ip address 10.0.0.1 255.255.255.252
                 service-policy output WAN-50
                """,
            intended: """
                class-map match-any VOICE
                 match dscp ef
                 match dscp cs5
                policy-map WAN-100
                 class VOICE
                  priority percent 10
                 class class-default
                  shape average 100000000
                interface GigabitEthernet0/0
                 bandwidth 100000
                 ip address 10.0.0.1 255.255.255.252
                 service-policy output WAN-100
                """,
            commands: """
                class-map match-any VOICE
                 match dscp cs5
                exit
                policy-map WAN-100
                 class VOICE
                  priority percent 10
                 exit
                 class class-default
                  shape average 100000000
                 exit
                exit
                interface GigabitEthernet0/0
                 bandwidth 100000
                 no service-policy output WAN-50
                 service-policy output WAN-100
                exit
                no policy-map WAN-50
                no class-map match-any OLD
                """),
        Fixture(
            "cisco_ios", "classes of a policy in another order, the default stays last",
            running: """
                policy-map P
                 class A
                  bandwidth percent 10
                 class C
                  bandwidth percent 20
                 class class-default
                  fair-queue
                """,
            intended: """
                policy-map P
                 class A
                  bandwidth percent 15
                 class B
                  bandwidth percent 30
                 class C
                  bandwidth percent 20
                 class class-default
                  fair-queue
                """,
            commands: """
                policy-map P
                 no class C
                 class A
                  bandwidth percent 15
                 exit
                 class B
                  bandwidth percent 30
                 exit
                 class C
                  bandwidth percent 20
                 exit
                exit
                """),
        Fixture(
            "cisco_ios", "entries of lists without numbers are said again from the first difference on",
            running: """
                ip access-list extended EDGE
                 permit tcp any host 10.0.0.1 eq 443
                 permit icmp any any
                 deny ip any any log
                ip prefix-list OUT seq 5 permit 10.0.0.0/8
                ip prefix-list OUT seq 10 permit 172.16.0.0/12
                ip prefix-list GONE seq 5 permit 0.0.0.0/0
                """,
            intended: """
                ip access-list extended EDGE
                 permit tcp any host 10.0.0.1 eq 443
                 permit udp any host 10.0.0.2 eq 53
                 deny ip any any log
                ip prefix-list OUT seq 5 permit 10.0.0.0/8 le 24
                ip prefix-list OUT seq 15 permit 192.168.0.0/16
                """,
            commands: """
                ip access-list extended EDGE
                 no permit icmp any any
                 no deny ip any any log
                 permit udp any host 10.0.0.2 eq 53
                 deny ip any any log
                exit
                no ip prefix-list OUT seq 10 permit 172.16.0.0/12
                no ip prefix-list OUT seq 5 permit 10.0.0.0/8
                ip prefix-list OUT seq 5 permit 10.0.0.0/8 le 24
                ip prefix-list OUT seq 15 permit 192.168.0.0/16
                no ip prefix-list GONE
                """),
        Fixture(
            "cisco_ios", "BGP neighbors and route maps",
            running: """
                router bgp 65001
                 bgp log-neighbor-changes
                 neighbor 10.0.0.1 remote-as 65002
                 neighbor 10.0.0.1 description old carrier
                 neighbor 10.0.0.5 remote-as 65005
                 neighbor 10.0.0.5 description leaving
                 !
                 address-family ipv4
                  network 10.1.0.0 mask 255.255.0.0
                  neighbor 10.0.0.1 activate
                  neighbor 10.0.0.1 route-map IN-OLD in
                  neighbor 10.0.0.5 activate
                 exit-address-family
                !
                route-map IN-OLD permit 10
                 set local-preference 100
                """,
            intended: """
                router bgp 65001
                 bgp log-neighbor-changes
                 neighbor 10.0.0.1 remote-as 65002
                 neighbor 10.0.0.1 description carrier
                 neighbor 10.0.0.9 remote-as 65009
                 !
                 address-family ipv4
                  network 10.1.0.0 mask 255.255.0.0
                  neighbor 10.0.0.1 activate
                  neighbor 10.0.0.1 route-map IN in
                  neighbor 10.0.0.9 activate
                 exit-address-family
                !
                route-map IN permit 10
                 set local-preference 200
                """,
            commands: """
                route-map IN permit 10
                 set local-preference 200
                exit
                router bgp 65001
                 no neighbor 10.0.0.5
                 neighbor 10.0.0.1 description carrier
                 neighbor 10.0.0.9 remote-as 65009
                 address-family ipv4
                  neighbor 10.0.0.1 route-map IN in
                  neighbor 10.0.0.9 activate
                 exit-address-family
                exit
                no route-map IN-OLD permit 10
                """),
        Fixture(
            "cisco_ios", "an address moves from one interface to another",
            running: """
                interface Vlan10
                 ip address 10.0.0.1 255.255.255.0
                interface Vlan20
                 ip address 10.0.1.1 255.255.255.0
                """,
            intended: """
                interface Vlan10
                 ip address 10.0.1.1 255.255.255.0
                interface Vlan20
                 ip address 10.0.0.1 255.255.255.0
                """,
            commands: """
                interface Vlan10
                 no ip address 10.0.0.1 255.255.255.0
                interface Vlan20
                 no ip address 10.0.1.1 255.255.255.0
                interface Vlan10
                 ip address 10.0.1.1 255.255.255.0
                interface Vlan20
                 ip address 10.0.0.1 255.255.255.0
                exit
                """),
    ]

    static let iosxe: [Fixture] = [
        Fixture(
            "cisco_iosxe", "numbered entries, a VRF and trunks",
            running: """
                vrf definition RED
                 rd 65000:1
                 address-family ipv4
                 exit-address-family
                ip access-list extended EDGE
                 10 permit tcp any host 10.0.0.1 eq 443
                 20 permit icmp any any
                 30 deny ip any any
                interface GigabitEthernet2
                 ip address 10.9.0.1 255.255.255.0
                interface GigabitEthernet3
                 switchport trunk allowed vlan 10,20
                 switchport trunk allowed vlan add 30
                 switchport mode trunk
                interface GigabitEthernet4
                 description spare
                 mtu 9000
                ip route 0.0.0.0 0.0.0.0 10.9.0.254
                """,
            intended: """
                vrf definition RED
                 rd 65000:1
                 address-family ipv4
                 exit-address-family
                vrf definition BLUE
                 rd 65000:2
                 address-family ipv4
                 exit-address-family
                ip access-list extended EDGE
                 10 permit tcp any host 10.0.0.1 eq 443
                 15 permit udp any host 10.0.0.2 eq 53
                 20 permit icmp any any echo
                 30 deny ip any any
                interface GigabitEthernet2
                 vrf forwarding BLUE
                 ip address 10.9.0.1 255.255.255.0
                interface GigabitEthernet3
                 switchport trunk allowed vlan 10,20,30
                 switchport mode trunk
                ip route vrf BLUE 0.0.0.0 0.0.0.0 10.9.0.254
                """,
            commands: """
                vrf definition BLUE
                 rd 65000:2
                 address-family ipv4
                 exit-address-family
                exit
                ip access-list extended EDGE
                 15 permit udp any host 10.0.0.2 eq 53
                 no 20
                 20 permit icmp any any echo
                exit
                default interface GigabitEthernet4
                no ip route 0.0.0.0 0.0.0.0 10.9.0.254
                interface GigabitEthernet2
                 vrf forwarding BLUE
                 ip address 10.9.0.1 255.255.255.0
                exit
                ip route vrf BLUE 0.0.0.0 0.0.0.0 10.9.0.254
                """),
        Fixture(
            "cisco_iosxe", "a list with numbers is held against one without",
            running: """
                ip access-list extended EDGE
                 10 permit icmp any any
                 20 deny ip any any
                crypto pki certificate chain TP
                 certificate self-signed 01
                  3082022B 30820194
                  	quit
                """,
            intended: """
                ip access-list extended EDGE
                 permit icmp any any
                 permit udp any any eq 53
                 deny ip any any
                crypto pki certificate chain TP
                 certificate self-signed 01
                  3082022B 30820194
                  	quit
                """,
            commands: """
                ip access-list extended EDGE
                 no 20
                 20 permit udp any any eq 53
                 30 deny ip any any
                exit
                """),
    ]
}
