import RolloutEngine

/// Sessions as a terminal shows them, one for each platform, written after the vendors' documentation: a login, paging off, who the
/// device is, its configuration, its timer, and a mistake.
enum Transcripts {
    /// One platform's.
    struct Session: Sendable {
        let platform: PlatformName
        let text: String
        /// What is learnt, by name.
        let found: [String: String]
        /// How many commands are typed.
        let typed: Int
        /// The command that the device complains of.
        var mistake: String?
    }

    static let all: [Session] = [
        Session(
            platform: "arista_eos",
            text: """
                Last login: Thu Nov 26 12:00:00 2026 from 192.0.2.9
                leaf-1>enable
                Password:
                leaf-1#terminal length 0
                Pagination disabled.
                leaf-1#terminal width 511
                Width set to 511 columns.
                leaf-1#show hostname
                Hostname: leaf-1
                FQDN:     leaf-1.example

                leaf-1#show version
                Arista DCS-7050SX3-48YC8-F
                Hardware version:    11.02
                Serial number:       ABC12345678
                Hardware MAC address: 001c.7300.0001

                Software image version: 4.30.3M
                Architecture:           i686

                Uptime:                 3 days, 2 hours and 1 minutes

                leaf-1#show running-config
                ! Command: show running-config
                ! device: leaf-1 (DCS-7050SX3-48YC8, EOS-4.30.3M)
                !
                hostname leaf-1
                !
                interface Ethernet1
                   description customer 1
                   shape rate 500000 kbps
                !
                banner login
                leaf-1#
                no trespassing
                EOF
                !
                end
                leaf-1#show configuration sessions detail
                Maximum number of completed sessions: 1
                  Name       State                 User     Terminal    PID  Commit Time Left  Description
                ------------ --------------------- -------- ---------- ----- ----------------- -----------
                * rollout-7  pendingCommitTimer    admin    vty3        4711 0:04:59

                leaf-1#show runing
                % Invalid input
                leaf-1#exit
                """,
            found: [
                "hostname": "leaf-1", "firmware": "4.30.3M", "model": "DCS-7050SX3-48YC8-F", "serial": "ABC12345678",
                "configuration": "7 lines", "revert timer": "rollout-7, 4m59s left",
            ], typed: 9, mistake: "show runing"),
        Session(
            platform: "juniper_junos",
            text: """
                --- JUNOS 22.4R3.25 Kernel 64-bit  JNPR-12.1-20231030
                {master:0}
                admin@mx1> set cli complete-on-space off
                Disabling complete-on-space

                {master:0}
                admin@mx1> set cli screen-length 0
                Screen length set to 0

                {master:0}
                admin@mx1> show version
                Hostname: mx1
                Model: mx204
                Junos: 22.4R3.25

                {master:0}
                admin@mx1> show chassis hardware
                Hardware inventory:
                Item             Version  Part number  Serial number     Description
                Chassis                                JN12AB34CAFA      JNP204 [MX204]
                PEM 0            REV 03   740-073765   1F12345678901     AC AFO 650W PSU

                {master:0}
                admin@mx1> show configuration | display set
                set version 22.4R3.25
                set system host-name mx1
                set class-of-service interfaces xe-0/1/0 shaping-rate 500m

                {master:0}
                admin@mx1> show system commit
                0   2026-11-26 12:00:00 UTC by admin via cli commit confirmed, rollback in 5mins
                    rollout-7
                1   2026-11-26 11:00:00 UTC by admin via cli

                {master:0}
                admin@mx1> show nothing
                                ^
                syntax error, expecting <command>.

                {master:0}
                admin@mx1> configure exclusive
                warning: uncommitted changes will be discarded on exit
                Entering configuration mode

                {master:0}[edit]
                admin@mx1# exit configuration-mode
                Exiting configuration mode

                {master:0}
                admin@mx1>
                """,
            found: [
                "hostname": "mx1", "firmware": "22.4R3.25", "model": "mx204", "serial": "JN12AB34CAFA",
                "configuration": "2 lines", "revert timer": "rollout-7, 5m left",
            ], typed: 9, mistake: "show nothing"),
        Session(
            platform: "cisco_iosxe",
            text: """
                edge-1>enable
                Password:
                edge-1#terminal length 0
                edge-1#show version
                Cisco IOS XE Software, Version 17.09.04a
                Cisco IOS Software [Cupertino], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a

                cisco ISR4331/K9 (1RU) processor with 1795979K/3071K bytes of memory.
                Processor board ID FDO12345678
                3 Gigabit Ethernet interfaces

                edge-1#show running-config
                Building configuration...

                Current configuration : 1234 bytes
                !
                hostname edge-1
                !
                interface GigabitEthernet0/0/0
                 service-policy output SHAPE
                !
                end

                edge-1#
                *Nov 26 12:00:01.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.9)
                edge-1#show archive config rollback timer
                %No Rollback Confirmed Change pending

                edge-1#shw clock
                         ^
                % Invalid input detected at '^' marker.

                edge-1#
                """,
            found: [
                "hostname": "edge-1", "firmware": "17.09.04a", "model": "ISR4331/K9", "serial": "FDO12345678",
                "configuration": "3 lines", "revert timer": "none",
            ], typed: 6, mistake: "shw clock"),
        Session(
            platform: "cisco_ios_reload",
            text: """
                edge-2#terminal length 0
                edge-2#show version
                Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.7(3)M8, RELEASE SOFTWARE (fc1)

                Cisco CISCO2911/K9 (revision 1.0) with 479232K/45056K bytes of memory.
                Processor board ID FGL123456AB
                3 Gigabit Ethernet interfaces

                edge-2#show running-config
                Building configuration...

                Current configuration : 1234 bytes
                !
                hostname edge-2
                !
                interface GigabitEthernet0/0
                 service-policy output SHAPE
                !
                end

                edge-2#show archive config differences nvram:startup-config system:running-config

                !Contextual Config Diffs:
                !No changes were found

                edge-2#reload in 5 rollout-217-edge-2
                Reload scheduled for 12:05:00 UTC Thu Nov 26 2026 (in 5 minutes) by admin on vty0 (192.0.2.9)
                Reload reason: rollout-217-edge-2
                Proceed with reload? [confirm]
                edge-2#show reload
                Reload scheduled for 12:05:00 UTC Thu Nov 26 2026 (in 4 minutes and 52 seconds) by admin on vty0 (192.0.2.9)
                Reload reason: rollout-217-edge-2
                edge-2#show clokc
                         ^
                % Invalid input detected at '^' marker.

                edge-2#reload cancel


                ***
                *** --- SHUTDOWN ABORTED ---
                ***

                edge-2#
                """,
            found: [
                "hostname": "edge-2", "firmware": "15.7(3)M8", "model": "CISCO2911/K9", "serial": "FGL123456AB",
                "configuration": "3 lines", "revert timer": "rollout-217-edge-2, 4m52s left",
            ], typed: 8, mistake: "show clokc"),
        Session(
            platform: "cisco_iosxr",
            text: """
                RP/0/RSP0/CPU0:core-1#terminal length 0
                Thu Nov 26 12:00:00.000 UTC
                RP/0/RSP0/CPU0:core-1#show running-config hostname
                Thu Nov 26 12:00:01.000 UTC
                hostname core-1

                RP/0/RSP0/CPU0:core-1#show version
                Thu Nov 26 12:00:02.000 UTC
                Cisco IOS XR Software, Version 7.5.2
                Copyright (c) 2013-2022 by Cisco Systems, Inc.

                cisco ASR9K () processor
                System uptime is 3 weeks 2 days 1 hour 5 minutes

                RP/0/RSP0/CPU0:core-1#show running-config
                Thu Nov 26 12:00:03.000 UTC
                Building configuration...
                !! IOS XR Configuration 7.5.2
                !! Last configuration change at Thu Nov 26 11:00:00 2026 by admin
                !
                hostname core-1
                interface GigabitEthernet0/0/0/0
                 service-policy output SHAPE
                !
                end

                RP/0/RSP0/CPU0:core-1#show configuration sessions detail
                Thu Nov 26 12:00:04.000 UTC
                  1) Session: 00001000-000035b1-00000000  Thu Nov 26 11:59:00 2026
                     Line: vty0                           Lock: None
                     User: admin                          Client: commit-confirm
                     Process: cfgmgr_trial_co              PID: 13745

                RP/0/RSP0/CPU0:core-1#show nothing
                Thu Nov 26 12:00:05.000 UTC
                                             ^
                % Invalid input detected at '^' marker.
                RP/0/RSP0/CPU0:core-1#exit
                """,
            found: [
                "hostname": "core-1", "firmware": "7.5.2", "model": "ASR9K", "configuration": "3 lines",
                "revert timer": "admin",
            ], typed: 7, mistake: "show nothing"),
        Session(
            platform: "cisco_nxos",
            text: """
                dist-1# terminal length 0
                dist-1# show version
                Cisco Nexus Operating System (NX-OS) Software

                Software
                  BIOS: version 05.47
                  NXOS: version 9.3(10)

                Hardware
                  cisco Nexus9000 C93180YC-EX chassis
                  Intel(R) Xeon(R) CPU  @ 1.80GHz with 24632980 kB of memory.
                  Processor Board ID FDO23456789
                  Device name: dist-1

                dist-1# show running-config

                !Command: show running-config
                !Running configuration last done at: Thu Nov 26 11:00:00 2026
                !Time: Thu Nov 26 12:00:00 2026

                version 9.3(10) Bios:version 05.47
                hostname dist-1
                interface Ethernet1/1
                  description customer 1

                dist-1# show scheduler schedule
                Schedule Name       : rollout-7-dist-1
                ----------------------------------------
                User Name           : admin
                Schedule Type       : Run once on Thu Nov 26 12:05:00 2026
                dist-1# show nothing
                              ^
                % Invalid command at '^' marker.
                dist-1#
                """,
            found: [
                "hostname": "dist-1", "firmware": "9.3(10)", "model": "Nexus9000 C93180YC-EX", "serial": "FDO23456789",
                "configuration": "3 lines", "revert timer": "rollout-7-dist-1",
            ], typed: 5, mistake: "show nothing"),
        Session(
            platform: "huawei_vrp",
            text: """
                Info: The max number of VTY users is 21, the number of current VTY users online is 1.
                <ne-1>screen-length 0 temporary
                Info: The configuration takes effect on the current user terminal interface only.
                <ne-1>display version
                Huawei Versatile Routing Platform Software
                VRP (R) software, Version 8.210 (NetEngine 8000 V800R021C10)
                HUAWEI NetEngine 8000 X4 uptime is 3 days, 2 hours, 10 minutes
                <ne-1>display current-configuration
                !Software Version V800R021C10
                #
                sysname ne-1
                #
                interface GigabitEthernet0/1/0
                 description customer 1
                #
                return
                <ne-1>display configuration trial status
                Trial status: active
                Left time: 295s
                User: admin
                <ne-1>display nothing
                               ^
                Error: Unrecognized command found at '^' position.
                <ne-1>quit
                """,
            found: [
                "hostname": "ne-1", "firmware": "8.210 (NetEngine 8000 V800R021C10)", "model": "NetEngine 8000 X4",
                "configuration": "3 lines", "revert timer": "admin, 4m55s left",
            ], typed: 6, mistake: "display nothing"),
        Session(
            platform: "nokia_srlinux",
            text: """
                --{ running }--[  ]--
                A:leaf-1# environment cli-engine type basic
                --{ running }--[  ]--
                A:leaf-1# show version
                ------------------------------------------------
                Hostname             : leaf-1
                Chassis Type         : 7220 IXR-D3L
                Serial Number        : NS1234567
                Software Version     : v24.10.1
                ------------------------------------------------
                --{ running }--[  ]--
                A:leaf-1# info flat from running
                set / interface ethernet-1/1 admin-state enable
                set / system name host-name leaf-1
                --{ running }--[  ]--
                A:leaf-1# info from state /system configuration commit *
                    system {
                        configuration {
                            commit 3 {
                                type private
                                name rollout-7
                                status unconfirmed
                            }
                        }
                    }
                --{ running }--[  ]--
                A:leaf-1# show nothing
                Parsing error: Unknown token 'nothing'
                --{ running }--[  ]--
                A:leaf-1# quit
                """,
            found: [
                "hostname": "leaf-1", "firmware": "v24.10.1", "model": "7220 IXR-D3L", "serial": "NS1234567",
                "configuration": "2 lines", "revert timer": "rollout-7",
            ], typed: 6, mistake: "show nothing"),
        Session(
            platform: "nokia_sros",
            text: """
                [/]
                A:admin@pe-1# environment more false

                [/]
                A:admin@pe-1# show system information

                ===============================================================================
                System Information
                ===============================================================================
                System Name            : pe-1
                System Type            : 7750 SR-1
                System Version         : C-22.7.R1
                ===============================================================================

                [/]
                A:admin@pe-1# admin show configuration
                # TiMOS-C-22.7.R1 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2022 Nokia.
                configure {
                    port 1/1/1 {
                        admin-state enable
                    }
                    system {
                        name "pe-1"
                    }
                }

                [/]
                A:admin@pe-1# edit-config exclusive
                INFO: CLI #2060: Entering exclusive configuration mode
                INFO: CLI #2061: Uncommitted changes are discarded on configuration mode exit

                (ex)[/]
                A:admin@pe-1# /configure nothing
                                         ^^^^^^^
                MINOR: MGMT_CORE #2201: Unknown element - 'nothing'

                (ex)[/]
                A:admin@pe-1# quit-config
                INFO: CLI #2064: Exiting exclusive configuration mode

                [/]
                A:admin@pe-1#
                """,
            found: [
                "hostname": "pe-1", "firmware": "C-22.7.R1", "model": "7750 SR-1", "configuration": "2 lines",
            ], typed: 6, mistake: "/configure nothing"),
        Session(
            platform: "vyos",
            text: """
                Welcome to VyOS!
                admin@gw-1:~$ set terminal length 0
                admin@gw-1:~$ show version
                Version:          VyOS 1.5-rolling-202410211822
                Release train:    current

                Hardware vendor:  Dell Inc.
                Hardware model:   PowerEdge R640
                Hardware S/N:     ABC1234
                admin@gw-1:~$ show configuration commands
                set interfaces ethernet eth0 description 'customer 1'
                set system host-name 'gw-1'
                admin@gw-1:~$ systemctl list-timers --no-pager --no-legend commit-confirm.timer
                Thu 2026-11-26 12:05:00 UTC 4min 59s left n/a n/a commit-confirm.timer commit-confirm.service
                admin@gw-1:~$ cat /tmp/commit-rev-entry
                |1795705200|admin|cli|rollout-7|
                admin@gw-1:~$ configure
                [edit]
                admin@gw-1# set nothing

                  Configuration path: [nothing] is not valid
                  Set failed

                [edit]
                admin@gw-1# exit discard
                exit
                admin@gw-1:~$
                """,
            found: [
                "hostname": "gw-1", "firmware": "VyOS 1.5-rolling-202410211822", "model": "PowerEdge R640",
                "serial": "ABC1234", "configuration": "2 lines", "revert timer": "rollout-7, 4m59s left",
            ], typed: 8, mistake: "set nothing"),
        Session(
            platform: "mikrotik_routeros",
            text: """
                [admin@ap-1] > /system identity print
                  name: ap-1

                [admin@ap-1] > /system resource print
                                   uptime: 1w2d3h
                                  version: 7.12 (stable)
                               board-name: hAP ac lite

                [admin@ap-1] > /system routerboard print
                       routerboard: yes
                             model: RB952Ui-5ac2nD
                     serial-number: HD1234ABCDE

                [admin@ap-1] > /nothing
                bad command name nothing (line 1 column 2)
                [admin@ap-1] > /quit
                """,
            found: [
                "hostname": "ap-1", "firmware": "7.12 (stable)", "model": "hAP ac lite", "serial": "HD1234ABCDE",
            ], typed: 5, mistake: "/nothing"),
        Session(
            platform: "sonic",
            text: """
                Last login: Thu Nov 26 11:00:00 2026 from 192.0.2.9
                admin@tor-1:~$ sonic-cli -c "show version | no-more"

                Software Version  : '4.2.0-Enterprise_Premium'
                Product           : Enterprise SONiC Distribution
                Platform          : x86_64-dellemc_s5248f_c3538-r0
                HwSKU             : DellEMC-S5248f-P-25G
                Serial Number     : TH0123456789

                admin@tor-1:~$ sonic-cli -c "show running-configuration | no-more"
                !
                hostname tor-1
                !
                interface Eth1/1
                 description "customer 1"
                admin@tor-1:~$ systemctl list-timers --no-pager --no-legend 'rollout-*'
                Thu 2026-11-26 12:05:00 UTC 4min 59s left n/a n/a rollout-7.timer rollout-7.service
                admin@tor-1:~$ sonic-cli
                tor-1# configure terminal
                tor-1(config)# qos scheduler-policy GOLD
                tor-1(conf-sched-policy-GOLD)# port
                tor-1(conf-scheduler-GOLD-port)# nothing
                %Error: Invalid input detected at "^" marker.
                tor-1(conf-scheduler-GOLD-port)# end
                tor-1# exit
                admin@tor-1:~$
                """,
            found: [
                "hostname": "tor-1", "firmware": "4.2.0-Enterprise_Premium", "model": "DellEMC-S5248f-P-25G",
                "serial": "TH0123456789", "configuration": "3 lines", "revert timer": "rollout-7, 4m59s left",
            ], typed: 10, mistake: "nothing"),
        Session(
            platform: "frr",
            text: """

                Hello, this is FRRouting (version 8.4.4).
                Copyright 1996-2005 Kunihiro Ishiguro, et al.

                rs-1# terminal length 0
                rs-1# show version
                FRRouting 8.4.4 (rs-1) on Linux(6.1.0-18-amd64).
                Copyright 1996-2005 Kunihiro Ishiguro, et al.
                rs-1# show running-config
                Building configuration...

                Current configuration:
                !
                frr version 8.4.4
                hostname rs-1
                !
                router bgp 65001
                 neighbor 192.0.2.2 remote-as 65002
                exit
                !
                end
                rs-1# show nothing
                % Unknown command: show nothing
                rs-1# exit
                """,
            found: ["hostname": "rs-1", "firmware": "8.4.4", "configuration": "3 lines"], typed: 5,
            mistake: "show nothing"),
        Session(
            platform: "frr_tcli",
            text: """
                rs-1> enable
                rs-1# terminal length 0
                rs-1# show running-config

                Current configuration:
                !
                hostname rs-1
                !
                interface eth0
                 description customer 1
                exit
                !
                end
                rs-1# show version
                FRRouting 8.4.4 (rs-1) on Linux(6.1.0).
                Copyright 1996-2005 Kunihiro Ishiguro, et al.
                rs-1# show configuration running
                Configuration:
                !
                frr version 8.4.4
                frr defaults traditional
                !
                interface eth0
                 description customer 1
                exit
                !
                end
                rs-1# show thread timers

                Showing timers for default
                --------------------------
                  vty_timeout                                       00:09:59.874
                  nb_cli_confirmed_commit_timeout                   00:01:58.412

                rs-1# nothing
                % [ZEBRA] Unknown command: nothing
                rs-1#
                """,
            found: [
                "hostname": "rs-1", "firmware": "8.4.4", "configuration": "2 lines",
                "revert timer": "somebody, 1m58s left",
            ], typed: 7, mistake: "nothing"),
    ]
}
