import Foundation
import Testing

@testable import RolloutEngine

@Suite("Policy files")
struct PolicyFileTests {
    /// Writes files into a folder of their own and loads the first as `change.yaml`.
    private func load(_ files: [String: String]) throws -> (loaded: LoadedChange, folder: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-policy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        do {
            return (try ChangeFile.load(folder.path + "/change.yaml"), folder.path)
        } catch {
            throw InputError(
                error.complaints.map { complaint in
                    let place = complaint.location
                    let short = SourceLocation(
                        file: String(place.file.replacingOccurrences(of: folder.path + "/", with: "")),
                        line: place.line,
                        column: place.column)
                    return Complaint(
                        at: short, complaint.message.replacingOccurrences(of: folder.path + "/", with: ""),
                        remedy: complaint.remedy)
                })
        }
    }

    private func complaints(_ files: [String: String]) -> [String] {
        do {
            _ = try load(files)
            return []
        } catch { return (error as? InputError)?.complaints.map(\.description) ?? ["\(error)"] }
    }

    private static let change = "change: {name: c, shape: [{interface: e0, egress_rate: 5Mbit}]}\n"

    @Test("every part of a change and a policy can be written")
    func everything() throws {
        let text = """
            change:
              name: double-bandwidth
              summary: Twice the rate for eco
              devices: range=eco & !tag=frozen
              shape:
                - interface: "{{ uplink }}"
                  egress_rate: "{{ doubled }}"
                  burst: auto
                  class: "1:10"
              files:
                - path: /etc/motd
                  template: |
                    {{ name }}
                  mode: 0600
                  reload: systemctl reload motd
                  check: grep -q eco %s
                - {path: /etc/other, template_file: other.txt}
              lines:
                - platforms: [arista_eos, cisco_iosxe]
                  template: |
                    ntp server {{ ntp }}
                  absent: ntp server 10.0.0.6
                - template_file: other.txt
            policy:
              name: careful
              order: [{range: [eco, advance]}, datacentre]
              canary: {devices: 2, prefer: tag=canary, soak: 15m}
              waves: {devices: 10, share: 25%}
              in_flight: {overall: 4, per_datacentre: 2}
              isolate: [pair, rack]
              headroom: {default: 75%, links: {gra-core-1: 60%}, growth: 40%}
              soak: 5m
              watch: {poll: 5s, baseline: 2m, also: {links: [gra-core-1], devices: tag=core, ranges: [hg], on_fail: observe, limit: 50}}
              gates:
                - {kind: traffic, maximum_drop: 20%, minimum_rate: 1Mbit, on_fail: pause}
                - {kind: errors, name: few-errors, maximum_per_second: 0.5}
                - reboot
              budgets: {wave: 1, datacentre: {devices: 2, share: 5%, reaction: roll_back_wave}, rollout: {share: 2%, reaction: roll_back_all}}
              cohorts: {failures: 3, reaction: pause}
              peak: {hours: "18:00-23:00", days: 2, cap: {devices: 200, share: 20%}}
              management: {bytes_per_second: 1MiB, dscp: 8}
              revert_timer: 12m
              without_revert_timer: allow
              deadlines: {push: 1m, confirm: 90s, roll_back: 3m, wave: 20m}
            """
        let (loaded, folder) = try load(["change.yaml": text, "other.txt": "hello {{ hostname }}\n"])
        #expect(
            loaded.change
                == Change(
                    name: "double-bandwidth", summary: "Twice the rate for eco", devices: "range=eco & !tag=frozen",
                    intents: [
                        .shape(
                            ShapingIntent(
                                interface: "{{ uplink }}", egressRate: "{{ doubled }}", burst: "auto",
                                trafficClass: "1:10")),
                        .file(
                            FileIntent(
                                path: "/etc/motd", template: "{{ name }}\n", mode: "0600",
                                reload: "systemctl reload motd", check: "grep -q eco %s")),
                        .file(FileIntent(path: "/etc/other", template: "hello {{ hostname }}\n")),
                        .lines(
                            LinesIntent(
                                platforms: ["arista_eos", "cisco_iosxe"], template: "ntp server {{ ntp }}\n",
                                absent: "ntp server 10.0.0.6")),
                        .lines(LinesIntent(template: "hello {{ hostname }}\n")),
                    ]))
        let expected = Policy(
            name: "careful",
            order: [OrderRule(axis: .range, values: ["eco", "advance"]), OrderRule(axis: .datacentre)],
            canary: CanaryRule(devices: 2, prefer: "tag=canary"), waveSize: WaveSize(devices: 10, share: .percent(25)),
            inFlight: InFlightCaps(overall: 4, perDatacentre: 2), isolate: ["pair", "rack"],
            headroom: HeadroomRule(cap: .percent(75), links: ["gra-core-1": .percent(60)], growth: .percent(40)),
            soak: .minutes(5),
            canarySoak: .minutes(15),
            watch: WatchRule(
                poll: .seconds(5), baseline: .minutes(2),
                also: WatchBeside(
                    links: ["gra-core-1"], devices: "tag=core", ranges: ["hg"], onFail: .observe, limit: 50)),
            gates: [
                GateRule(
                    name: "traffic",
                    condition: .traffic(maximumDrop: .percent(20), minimumRate: BitsPerSecond(1_000_000)),
                    onFail: .pause),
                GateRule(name: "few-errors", condition: .errors(maximumPerSecond: 0.5), onFail: .rollBack),
                GateRule(name: "reboot", condition: .reboot, onFail: .pause),
            ],
            budgets: FailureBudgets(
                wave: .init(devices: 1), datacentre: .init(devices: 2, share: .percent(5), reaction: .rollBackWave),
                rollout: .init(share: .percent(2), reaction: .rollBackAll)),
            cohorts: CohortRule(failures: 3, reaction: .pause),
            peak: PeakRule(
                hours: MaintenanceWindow(startMinute: 18 * 60, endMinute: 23 * 60), days: 2, devices: 200,
                share: .percent(20)),
            management: ManagementCaps(bytesPerSecond: ByteCount(1 << 20), dscp: 8), revertTimer: .minutes(12),
            withoutRevertTimer: .allow,
            deadlines: Deadlines(push: .minutes(1), confirm: .seconds(90), rollBack: .minutes(3), wave: .minutes(20)))
        #expect(loaded.policy == expected)
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.files.map(\.path) == ["\(folder)/change.yaml", "\(folder)/other.txt"])
        #expect(loaded.places["shape[0].egress_rate"]?.line == 7)
    }

    @Test("a policy of its own file is found beside the change; without any the cautious one is used, with a warning")
    func references() throws {
        let policy = "policy: {canary: 2, waves: 50%, in_flight: 3, headroom: 90%, budgets: {rollout: 5%}}\n"
        let other = try load(["change.yaml": Self.change + "policy: slow.yaml\n", "slow.yaml": policy]).loaded
        #expect(other.policy.name == "slow")
        #expect(other.policy.waveSize == WaveSize(devices: nil, share: .percent(50)))
        #expect(other.policy.inFlight == InFlightCaps(overall: 3))
        #expect(other.policy.gates == GateRule.cautious)
        #expect(other.files.count == 2)
        let none = try load(["change.yaml": Self.change]).loaded
        #expect(none.policy == Policy(name: "cautious"))
        #expect(none.warnings.map(\.message) == ["no policy is given, so the cautious one is used"])
    }

    @Test(
        "a mistake in a policy is named with line, column and the reason",
        arguments: [
            (
                "{without_revert_timer: yes}",
                "2:32: without_revert_timer of the policy is 'yes', expected one of refuse, allow"
            ),
            (
                "{revert_timer: 4m}",
                "2:24: revert_timer 4m is not longer than deadlines push 2m + confirm 2m (a device would put itself back while it is still being confirmed)"
            ),
            (
                "{deadlines: {push: 6m, confirm: 5m}}",
                "2:9: revert_timer 10m is not longer than deadlines push 6m + confirm 5m"
            ),
            ("{deadlines: {wave: 3m}}", "2:21: deadline wave 3m is not longer than push 2m + confirm 2m"),
            ("{soak: 15s}", "2:16: soak 15s is shorter than two polls of 10s"),
            ("{canary: {soak: 15s}}", "2:18: soak of the canary 15s is shorter than two polls"),
            ("{watch: {baseline: 10s}}", "2:17: baseline 10s is shorter than two polls of 10s"),
            ("{watch: {poll: 100ms}}", "2:17: poll 100ms is shorter than 1s"),
            ("{management: {dscp: 64}}", "2:29: dscp of management is '64', expected a DSCP value from 0 to 63"),
            ("{headroom: 120%}", "2:20: headroom is '120%', expected a share over 0% and up to 100% such as 80%"),
            ("{headroom: 0.8}", "2:20: headroom is '0.8', expected a share"),
            ("{soak: 10}", "2:16: soak of the policy is '10', expected a length of time with its unit such as 10m"),
            ("{waves: {device: 3}}", "2:18: unknown key 'device' in waves (did you mean 'devices'?)"),
            ("{waves: 0}", "2:17: waves is '0', expected a number of devices"),
            ("{in_flight: 0}", "2:21: in_flight is '0', expected a number of devices"),
            ("{canary: {prefer: 'rnage=' }}", "2:27: expected a value, not the end (character 7)"),
            (
                "{gates: [trafic]}",
                "2:18: a gate is 'trafic', expected a kind of gate: traffic, errors, discards, interfaces, reboot, links"
            ),
            ("{gates: [traffic, traffic]}", "2:27: two gates are named traffic"),
            ("{gates: [{kind: errors, maximum_drop: 5%}]}", "2:33: unknown key 'maximum_drop' in gate errors"),
            (
                "{gates: [{kind: errors, on_fail: rollback}]}",
                "2:42: on_fail of gate errors is 'rollback', expected observe, pause or roll_back"
            ),
            (
                "{budgets: {wave: {reaction: stop}}}",
                "2:37: reaction of the budget of a wave is 'stop', expected pause, roll_back_wave"
            ),
            ("{order: [ranges]}", "2:18: an item of order is 'ranges', expected range or datacentre"),
            ("{isolat: [pair]}", "2:10: unknown key 'isolat' in the policy (did you mean 'isolate'?)"),
            ("nowhere.yaml", "2:9: policy 'nowhere.yaml' cannot be used: nowhere.yaml: cannot be read: No such file"),
            (
                "{approvals: [{before: wave, people: 3, by: [ada, grace]}]}",
                "2:52: 3 people have to approve, and by names 2: ada, grace (name more of them, or lower people)"
            ),
            ("{approvals: [{people: 2}]}", "2:22: an item of approvals has no before (expected one of rollout, wave)"),
            (
                "{approvals: {before: night}}",
                "2:30: before of an item of approvals is 'night', expected one of rollout, wave"
            ),
            (
                "{approvals: {before: wave, expire: 1h}}",
                "2:36: unknown key 'expire' in an item of approvals (did you mean 'expires'?)"
            ),
            ("[a]", "2:9: the policy is a list, expected a map"),
        ])
    func policyMistakes(_ policy: String, _ expected: String) {
        let complaints = complaints(["change.yaml": Self.change + "policy: \(policy)\n"])
        #expect(complaints.contains { $0.hasPrefix("change.yaml:" + expected) }, "\(complaints)")
    }

    @Test(
        "a mistake in a change is named with line and column",
        arguments: [
            ("change: {name: c}", "1:9: the change changes nothing"),
            ("change: {shape: [{interface: e0, egress_rate: 5Mbit}]}", "1:9: the change has no name"),
            ("change: {name: c, shape: {}}", "1:26: shape of the change is a map"),
            ("change: {name: c, shape: [{interface: e0}]}", "1:27: shape[0] has no egress_rate"),
            (
                "change: {name: c, shape: [{interface: e0, egress_rate: 500}]}",
                "1:56: egress_rate is '500', expected a rate with its unit"
            ),
            (
                "change: {name: c, shape: [{interface: e0, egress_rate: 5Mbit, burst: much}]}",
                "1:70: burst is 'much', expected auto"
            ),
            (
                "change: {name: c, files: [{path: etc/motd, template: x}]}",
                "1:34: path is 'etc/motd', expected an absolute path"
            ),
            ("change: {name: c, files: [{path: /etc/motd}]}", "1:27: files[0] has no template"),
            (
                "change: {name: c, files: [{path: /etc/motd, template: x, mode: rw}]}",
                "1:64: mode of files[0] is 'rw', expected permissions in octal"
            ),
            (
                "change: {name: c, files: [{path: /etc/motd, template: x, check: nft -c}]}",
                "1:65: check does not say where the new content is: 'nft -c'"
            ),
            ("change: {name: c, files: [{path: /etc/motd, template_file: gone}]}", "gone: cannot be read"),
            ("change: {name: c, lines: [{platforms: [vyos]}]}", "1:27: lines[0] says nothing"),
            ("change: {name: c, lines: [{template: ''}]}", "1:27: lines[0] says nothing"),
            ("change: {name: c, lines: [{template: a, template_file: b}]}", "has a template and a template_file"),
            ("change: {name: c, lines: [{template: a, absnt: b}]}", "did you mean 'absent'?"),
            ("change: {name: c, devices: 'range=', files: []}", "1:28: expected a value, not the end"),
            ("chnage: {}", "1:1: unknown key 'chnage' in the file (did you mean 'change'?)"),
            ("policy: {}", "holds no change"),
        ])
    func changeMistakes(_ change: String, _ expected: String) {
        let complaints = complaints(["change.yaml": change + "\n"])
        #expect(complaints.contains { $0.contains(expected) }, "\(complaints)")
    }

    @Test(
        "what is wrong with the rules for the whole farm has a place and a remedy",
        arguments: [
            ("watch: {also: {}}", "watch.also names nothing"),
            ("watch: {also: {links: all, on_fail: roll_back}}", "expected observe or pause"),
            ("watch: {also: {devices: \"tag=\"}}", "character"),
            ("cohorts: {failures: 1}", "from 2 on"),
            ("cohorts: {reaction: panic}", "expected hold or pause"),
            ("peak: {cap: 200}", "has no hours"),
            ("peak: {hours: \"18:00-18:00\"}", "ends when it begins"),
            ("peak: {hours: \"18:00-23:00\", days: 4}", "from 1 to 3"),
            ("{gates: [], peak: {hours: \"18:00-23:00\"}}", "peak needs gates"),
            ("gates: [{kind: reboot, name: beside}]", "no gate may be named beside"),
        ])
    func farmMistakes(policy: String, expected: String) throws {
        let text = policy.hasPrefix("{") ? "policy: \(policy)\n" : "policy: {\(policy)}\n"
        let found = complaints(["change.yaml": Self.change + text])
        #expect(found.contains { $0.contains(expected) && $0.hasPrefix("change.yaml:2:") }, "\(found)")
    }

    @Test("cohorts are on unless the policy says none; there is no peak unless it names its hours")
    func farmDefaults() throws {
        func policy(_ text: String) throws -> Policy {
            try load(["change.yaml": Self.change + "policy: {\(text)}\n"]).loaded.policy
        }
        #expect(try policy("soak: 5m").cohorts == CohortRule(failures: 2, reaction: .hold))
        #expect(try policy("cohorts: none").cohorts == nil)
        #expect(try policy("soak: 5m").peak == nil)
        let peak = try policy("peak: {hours: \"18:00-23:00\", cap: 10%}").peak
        #expect(peak?.cap(of: 40) == 4 && peak?.days == 1)
        #expect(try policy("watch: {also: {links: all}}").watch.also?.allLinks == true)
    }
}
