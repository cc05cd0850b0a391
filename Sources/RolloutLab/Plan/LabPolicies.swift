/// The policies that fit a lab, as text by file name. Pure.
public enum LabPolicies {
    /// Every file, in the order of their names.
    public static let files: [(name: String, text: String)] = [
        ("double-bandwidth.yaml", doubleBandwidth), ("lab-night.yaml", labNight), ("typo.yaml", typo),
    ]

    /// The files for a lab. In a mixed one each platform has a name of its own for the interface.
    public static func files(for topology: LabTopology) -> [(name: String, text: String)] {
        guard topology.isMixed else { return files }
        return files.map { name, text in
            (name, text.replacing("interface: \(LabDevice.interface)\n", with: "interface: \"{{ port }}\"\n"))
        } + [
            ("new-ntp-server.yaml", newNTPServer), ("new-route-bird.yaml", newRouteOfBIRD),
            ("new-route-frr.yaml", newRouteOfFRR),
        ]
    }

    private static let newNTPServer = """
        # Another time server for all routers and switches with a command line, each told so in its own language. The lines are written as
        # the devices show them: what is there already is no change.
        change:
          name: new-ntp-server
          summary: 10.0.0.7 is the time server, 10.0.0.6 is none any more
          devices: "!(platform=linux | platform=openvswitch | platform=bird | platform=mikrotik_routeros)"
          lines:
            - platforms: [arista_eos, cisco_iosxe, cisco_iosxr, cisco_nxos, sonic]
              template: |
                ntp server 10.0.0.7
              absent: |
                ntp server 10.0.0.6
            - platforms: [huawei_vrp]
              template: |
                ntp-service unicast-server 10.0.0.7
              absent: |
                ntp-service unicast-server 10.0.0.6
            - platforms: [juniper_junos]
              template: |
                set system ntp server 10.0.0.7
              absent: |
                set system ntp server 10.0.0.6
            - platforms: [nokia_srlinux]
              template: |
                set / system ntp server 10.0.0.7
              absent: |
                set / system ntp server 10.0.0.6
            - platforms: [vyos]
              template: |
                set service ntp server 10.0.0.7
              absent: |
                set service ntp server 10.0.0.6
        policy: lab-night.yaml

        """

    private static let newRouteOfBIRD = """
        # Another route for the routers that run BIRD, which goes back by a timer of its own unless it is confirmed.
        change:
          name: new-route-bird
          summary: A second route where BIRD runs
          devices: platform=bird
          files:
            - path: /etc/bird/bird.conf
              mode: "0644"
              template: |
        \(indented(ServiceFiles.bird(routes: ["192.0.2.0/25", "192.0.2.128/25"])))
        policy: lab-night.yaml

        """

    private static let newRouteOfFRR = """
        # Another route for the hosts that run FRR. What differs is sent to its daemons by FRR's own frr-reload.
        change:
          name: new-route-frr
          summary: A second route where FRR runs
          devices: tag=frr
          files:
            - path: /etc/frr/frr.conf
              mode: "0640"
              reload: /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf
              template: |
        \(indented(ServiceFiles.frr(hostname: "{{ hostname }}", routes: ["192.0.2.0/25", "192.0.2.128/25"])))
        policy: lab-night.yaml

        """

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n")
    }

    private static let doubleBandwidth = """
        # Every device of the lab gets twice the bandwidth: range by range, datacentre by datacentre.
        change:
          name: double-bandwidth
          summary: Twice the bandwidth for every product range
          shape:
            - interface: e0
              egress_rate: "{{ doubled }}Mbit"
        policy: lab-night.yaml

        """

    private static let typo = """
        # The same change with a slip of the hand: 00kbit instead of 000kbit. Every device would get a tenth of what was meant.
        # It is valid, it can be carried out, every device confirms it; only the traffic shows that it is wrong.
        change:
          name: typo
          summary: Meant to double the bandwidth, but one zero is missing
          shape:
            - interface: e0
              egress_rate: "{{ doubled }}00kbit"
        policy: lab-night.yaml

        """

    private static let labNight = """
        # How the lab is changed: everything that a real night has, in seconds instead of minutes.
        policy:
          name: lab-night
          order: [{range: [eco, adv, hg]}, {datacentre: [gra, rbx]}]
          canary: 1
          waves: 50%                  # of the devices of one range in one datacentre
          in_flight: {overall: 6, per_datacentre: 4}
          isolate: [pair]             # never both of a pair in flight or unproven
          headroom: 80%               # no uplink may be predicted fuller than this
          soak: 6s
          watch: {poll: 2s, baseline: 10s}
          gates:
            - {kind: traffic, maximum_drop: 30%, minimum_rate: 100kbit}
            - errors
            - {kind: discards, maximum_per_second: 100, on_fail: roll_back}
            - interfaces
            - reboot
            - links
          budgets: {wave: 0, rollout: {share: 5%, reaction: roll_back_all}}
          management: {bytes_per_second: 1MiB, dscp: 16}
          revert_timer: 2m
          deadlines: {push: 20s, confirm: 20s, roll_back: 30s, wave: 2m}

        """
}
