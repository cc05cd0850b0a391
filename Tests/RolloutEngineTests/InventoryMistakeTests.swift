import Foundation
import Testing

@testable import RolloutEngine

@Suite("Inventory mistakes")
struct InventoryMistakeTests {
    /// A sound start, to which a mistake is added on line 7.
    private static let head = """
        defaults: {platform: linux, range: eco, datacentre: gra, address: 10.0.0.1}
        ranges: {eco: , advance: }
        datacentres: {gra: {time_zone: Europe/Paris}}
        groups: {early: }
        links: {up-1: {capacity: 1Gbit, counters: {address: 10.0.0.9, interface: e0}}}
        devices:

        """

    @Test(
        "a mistake in a device is named with line, column and what to do",
        arguments: [
            ("a: {adress: 1.2.3.4}", "7:7: unknown key 'adress' in device a (did you mean 'address'?)"),
            ("a: {range: ecoo}", "7:14: unknown range 'ecoo' of device a (did you mean 'eco'?)"),
            ("a: {datacentre: rbx}", "7:19: unknown datacentre 'rbx' of device a (defined: gra)"),
            ("a: {groups: [earl]}", "7:15: unknown group 'earl' of device a (did you mean 'early'?)"),
            ("a: {links: [up-2]}", "7:14: unknown link 'up-2' of device a (did you mean 'up-1'?)"),
            (
                "a: {ssh: {port: 70000}}",
                "7:19: ssh.port is '70000', expected a port from 1 to 65535 such as 22 (in device a)"
            ),
            ("a: {ssh: {prot: 22}}", "7:13: unknown key 'prot' in ssh of device a (did you mean 'port'?)"),
            ("a: {ssh: root@x}", "7:12: ssh of device a is 'root@x', expected a map of settings (such as {port: 22})"),
            (
                "a: {ssh: {connect_timeout: 10}}",
                "7:30: ssh.connect_timeout is '10', expected a length of time with its unit such as 10s (in device a)"
            ),
            ("a: {ssh: {jump: b}}", "7:19: unknown device 'b' as jump (defined: a)"),
            ("a: {ssh: {jump: a}}", "7:19: device a jumps in a circle (a -> a)"),
            (
                "a: {snmp: {community: public}}",
                "7:25: snmp.community is written out, expected where the secret is kept: env:NAME for an environment variable or file:PATH"
            ),
            ("a: {ssh: {password: [hunter2]}}", "7:23: ssh.password of device a is a list, expected where the secret"),
            ("a: {links: {x: 1}}", "7:14: links of device a is a map, expected a list such as [a, b]"),
            ("a: {pair: [1, 2]}", "7:13: pair of device a is a list, expected a name"),
            ("a: {address: 1.2.3.4; reboot}", "7:16: address is '1.2.3.4; reboot', expected an address or a host name"),
            ("a: {vars: {a-b: 1}}", "7:14: 'a-b' is no name for a variable"),
            ("a: {vars: {range: 1}}", "7:14: 'range' is no name for a variable"),
            ("a: {vars: {x: {y: 1}}}", "7:17: variable x of device a is a map, expected a value or a list"),
            ("a: {vars: {x: \"\\e[31m\"}}", "7:17: variable x of device a holds a control character: '\\u{1B}[31m'"),
            ("a b: {}", "7:3: the device's name is 'a b', expected a name of letters"),
            ("<img onerror=x>: {}", "7:3: the device's name is '<img onerror=x>', expected a name"),
            ("a: !exec {}", "7:6: tag '!exec' is not allowed"),
            ("a: {<<: {x: 1}}", "7:7: merge keys (<<) are not read"),
            (
                "a: {}\n  b: {\n  c: {}",
                "10:1: not valid YAML: did not find expected ',' or '}' (while parsing a flow mapping of line 8)"
            ),
            ("a:\n\t address: x", "8:1: not valid YAML: found character that cannot start any token"),
            ("a: {}\n  b: {}\n  a: {}", "9:3: key 'a' stands twice in one map, first on line 7"),
            ("a: {}\n  'a': {}", "8:3: key 'a' stands twice in one map, first on line 7"),
            ("a:\n    rack: r\n    rack: s", "9:5: key 'rack' stands twice in one map, first on line 8"),
            ("- {name: a}", "a list of devices is read too"),
        ])
    func deviceMistakes(_ device: String, _ expected: String) {
        let complaints = InventoryFixture.complaints(Self.head + "  " + device)
        let isFine = device.hasPrefix("- ")
        #expect(
            isFine ? complaints.isEmpty : complaints.contains { $0.hasPrefix("inv/inventory.yaml:" + expected) },
            "\(complaints)")
    }

    @Test(
        "a mistake elsewhere is named with file, line and column",
        arguments: [
            ("deviecs: {}", "1:1: unknown key 'deviecs' in the inventory file (did you mean 'devices'?)"),
            ("- a", "1:1: the inventory file is a list, expected a map of settings"),
            ("", "inv: the inventory has no devices"),
            (
                "datacentres: {gra: {time_zone: Europe/Pariss}}",
                "1:32: unknown time zone 'Europe/Pariss' of datacentre gra (did you mean 'Europe/Paris'?)"
            ),
            ("datacentres: {gra: {blackouts: 2026-12-24}}", "1:32: datacentre gra has blackouts but no time_zone"),
            (
                "datacentres: {gra: {time_zone: UTC, blackouts: [2026-12-24 to 2026-12-01]}}",
                "1:49: an item of blackouts of datacentre gra is '2026-12-24 to 2026-12-01', expected a day such as"
            ),
            (
                "datacentres: {gra: {time_zone: UTC, blackouts: {day: 2026-12-24}}}",
                "1:48: an item of blackouts of datacentre gra has no days"
            ),
            ("datacentres: {gra: {window: 22:00-05:30}}", "1:29: datacentre gra has a window but no time_zone"),
            (
                "datacentres: {gra: {time_zone: UTC, window: 22-5}}",
                "1:45: window of datacentre gra is '22-5', expected local hours such as 22:00-05:30"
            ),
            (
                "datacentres: {gra: {time_zone: UTC, window: {hours: 1:00-2:00, days: [mo]}}}",
                "1:53: hours of window of datacentre gra is '1:00-2:00'"
            ),
            (
                "datacentres: {gra: {time_zone: UTC, window: {hours: 01:00-02:00, days: [someday]}}}",
                "1:73: an item of days of window"
            ),
            ("datacentres: {gra: {range: x}}", "1:28: datacentre gra cannot say which range its devices are in"),
            (
                "links: {l: {capacity: 1000, counters: {address: a, interface: e}}}",
                "1:23: capacity of link l is '1000', expected a rate with its unit such as 500Mbit or 10Gbit"
            ),
            ("links: {l: {capacity: 1Gbit}}", "1:9: link l has no counters"),
            ("links: {l: {counters: {address: a, interface: e}}}", "1:9: link l has no capacity"),
            (
                "links: {l: {capacity: 1Gbit, counters: {interface: e}}}",
                "1:40: counters of link l need an address or a device"
            ),
            (
                "links: {l: {capacity: 1Gbit, counters: {device: x, interface: e}}}",
                "1:49: unknown device 'x' in the counters of link l"
            ),
            (
                "links: {l: {capacity: 1Gbit, counters: {address: a, interface: e, direction: up}}}",
                "1:78: direction of counters of link l is 'up', expected in or out"
            ),
            ("defaults: {tags: [a b]}", "1:19: an item of tags of defaults is 'a b', expected a name"),
            ("defaults: {links: [x]}", "1:19: unknown link 'x' of defaults"),
            (
                "devices: {a: {}}",
                "1:11: device a has no address (give it here or in a level above, such as address: 192.0.2.7)"
            ),
            ("ranges: {a: }\n---\nranges: {b: }", "2:1: a second document starts here"),
        ])
    func otherMistakes(_ yaml: String, _ expected: String) {
        let complaints = InventoryFixture.complaints(yaml)
        let wanted = expected.hasPrefix("inv") ? expected : "inv/inventory.yaml:" + expected
        #expect(complaints.contains { $0.hasPrefix(wanted) }, "\(complaints)")
    }

    @Test("one reading finds every mistake, in the order of the lines")
    func allAtOnce() {
        let complaints = InventoryFixture.complaints(
            Self.head + "  a: {adress: x}\n  b: {range: y}\n  c: {ssh: {port: z}}\n  d: {links: [w]}")
        #expect(complaints.map { $0.split(separator: ":")[1] } == ["7", "8", "9", "10"])
    }

    @Test("a secret that is written out is not repeated in the complaint")
    func secrets() {
        let canary = "f00dfacef00dfacef00dfacef00dface"
        let texts = InventoryFixture.complaints(
            Self.head + "  a: {snmp: {community: \(canary)}, ssh: {password: \(canary), key_passphrase: \(canary)}}")
        #expect(texts.count == 3)
        #expect(!texts.joined().contains(canary))
        let table = InventoryFixture.complaints([
            "a.yaml": "ranges: {r: }", "devices.csv": "name,snmp.community\nx,\(canary)\n",
        ])
        #expect(table.contains { $0.hasPrefix("inv/devices.csv:2:3: snmp.community is written out") })
        #expect(!table.joined().contains(canary))
    }

    @Test("the same device in two files names both places")
    func duplicates() {
        let complaints = InventoryFixture.complaints([
            "a.yaml": Self.head + "  x: {}\n", "b.yaml": "devices:\n- {name: x}\n", "devices.csv": "name\ny\nx\n",
        ])
        #expect(
            complaints == [
                "inv/b.yaml:2:3: device x is defined twice, first at inv/a.yaml:7:3",
                "inv/devices.csv:3:1: device x is defined twice, first at inv/a.yaml:7:3",
            ])
    }

    @Test(
        "a mistake in a table is named with line and column",
        arguments: [
            ("", "devices.csv: is empty"),
            ("address\n1.2.3.4", "devices.csv:1:1: the header has no column name"),
            ("name,rnage\n", "devices.csv:1:6: unknown column 'rnage' (did you mean 'range'?)"),
            ("name,range,range\n", "devices.csv:1:12: column 'range' stands twice in the header"),
            ("name,range\na,eco\nb\n", "devices.csv:3: the row has 1 cells, the header 2"),
            ("name,range\na,eco,\n", "devices.csv:2: the row has 3 cells, the header 2"),
            ("name,ssh.port\na,22\nb,x\n", "devices.csv:3:3: ssh.port is 'x', expected a port"),
            ("name,hostname\n\"a\",\"x", "devices.csv:2:5: a quote that is never closed"),
            ("name,hostname\na,\"x\"y\n", "devices.csv:2:6: text after the closing quote of a cell"),
            ("name,hostname\na,x\"y\n", "devices.csv:2:4: a quote inside a cell that does not start with one"),
            ("name,hostname\na,\"x\ny\"\nb b,\n", "devices.csv:4:1: name is 'b b', expected a name"),
            ("name,links\na,up-1 up-9\n", "devices.csv:2:3: unknown link 'up-9' of device a (did you mean 'up-1'?)"),
            ("name,range\n\né,eco\n", "devices.csv:3:1: name is 'é'"),
            ("name,address,range\na,éé,eco;\n", "devices.csv:2:3: address is 'éé'"),
            (",\n", "devices.csv:1:1: unknown column ''"),
        ])
    func tableMistakes(_ table: String, _ expected: String) {
        let complaints = InventoryFixture.complaints(["a.yaml": Self.head, "devices.csv": table])
        #expect(complaints.contains { $0.hasPrefix("inv/" + expected) }, "\(complaints)")
    }
}
