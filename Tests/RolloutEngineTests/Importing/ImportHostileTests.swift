import Testing

@testable import RolloutEngine

@Suite("Import against hostile input")
struct ImportHostileTests {
    @Test(
        "what is wrong is named by file and line",
        arguments: [
            (
                ["h.yml": "a: {children: {b: {children: {c: {children: {a: }}}}}}"],
                "h.yml:1:16: groups are children of each other in a circle: a -> b -> c -> a"
            ),
            (["h": "[a:children]\nb\n[b:children]\na\n"], "groups are children of each other in a circle"),
            (["h": "[a:children]\na\n"], "h:2:1: groups are children of each other in a circle: a -> a"),
            (["h": "[a:children]\nnobody\n"], "h:2:1: no section defines the group 'nobody'"),
            (["h": "[a]\nx\n[b:vars]\ny=1\n"], "h:3:1: no section defines the group 'b'"),
            (["h": "x mtu=1\nx mtu=2\n"], "h:2:1: mtu of host x has another value at h:1:1"),
            (["h.yml": "all: {hosts: {x: , x: }}"], "key 'x' stands twice in one map"),
            (
                ["h.json": "{\"all\": {\"hosts\": [\"x\"]},\n \"all\": {}}"],
                "h.json:2:2: not valid JSON: key 'all' stands twice in one map, first on line 1"
            ),
            (["h.json": "{\"all\": {\"hosts\": [\"x\"}}"], "h.json:1:23: not valid JSON"),
            (["h": "\"a b\"\n"], "h:1:1: the host's name is 'a b'"),
            (["h": "[a]\n\u{e9}t\u{e9}\n"], "h:2:1: the host's name is 'été'"),
            (["h": "-rf\n"], "the host's name is '-rf'"),
            (["h": "[g(1)]\nx\n"], "h:1:1: the group's name is 'g(1)'"),
            (["h": "x[1:3\n"], "h:1:1: 'x[1:3' holds a bracket that has no other half"),
            (["h": "x[3:1]\n"], "h:1:1: 'x[3:1]': the range ends before it starts"),
            (["h": "x[01:100]\n"], "both ends of a range with leading zeros"),
            (["h": "x[1:999999999]\n"], "stands for more than 200000 hosts"),
            (["h": "x[1:1000][1:1000]\n"], "stands for more than 200000 hosts"),
            (["h": "x port\n"], "h:1:1: expected key=value behind a host's name, not 'port'"),
            (["h": "x a='b\n"], "h:1:1: a quote that is never closed"),
            (["h": "x ansible_port=99999\n"], "h:1:1: ssh.port is '99999', expected a port"),
            (["h": "x ansible_host='a b'\n"], "h:1:1: address is 'a b'"),
            (["h.yml": "all: {hosts: [x]}"], "h.yml:1:14: hosts of group all is not a map"),
            (["h.yml": "all: {host: {x: }}"], "h.yml:1:7: unknown key 'host' in group all"),
            (["h.yml": "all: !python/object:os.system {hosts: {x: }}"], "is not allowed"),
            (["h": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"], "h:1: the inventory is encrypted with ansible-vault"),
            (["h": ""], "source: holds no hosts that could be devices"),
            (["h.yml": ""], "source: holds no hosts that could be devices"),
            (["h.json": "{}"], "source: holds no hosts that could be devices"),
            (["h": "x\u{0}"], "h:1:2: control character U+0000 in the file"),
        ] as [([String: String], String)])
    func mistakes(_ files: [String: String], _ expected: String) {
        let complaints = ImportFixture.complaints(files)
        #expect(complaints.contains { $0.contains(expected) }, "\(complaints)")
    }

    @Test("nothing says where a host is, or what it speaks: that is an error with the option that helps")
    func undecided() {
        let complaints = ImportFixture.complaints(["h": "x\n"], .ansible, ImportOptions())
        #expect(
            complaints.contains {
                $0.contains("nothing says the datacentre of 'x'") && $0.contains("--datacentre-from KEY")
            })
        #expect(complaints.contains { $0.contains("nothing says the range of 'x'") })
        #expect(complaints.contains { $0.contains("nothing says the platform of 'x'") && $0.contains("--platform") })
        let both = ImportFixture.lax.with { $0.datacentreFrom = KeySource("group=dc_*") }
        #expect(
            ImportFixture.complaints(["h": "[dc_a]\nx\n[dc_b]\nx\n"], .ansible, both).contains {
                $0.contains("'x' is in more than one datacentre: a, b")
            })
    }

    @Test("10 MB of YAML are imported", .timeLimit(.minutes(10)))
    func large() throws {
        var yaml = "all:\n  hosts:\n"
        let note = String(repeating: "n", count: 9000)
        for index in 0..<1100 { yaml += "    h\(index): {ansible_host: 192.0.2.1, mtu: 1500, note: \(note)\(index)}\n" }
        #expect(yaml.utf8.count > 9_900_000)
        let devices = try ImportFixture.devices(["h.yml": yaml])
        #expect(devices.count == 1100)
        #expect(devices["h1099"]?.variables["mtu"] == .number(1500))
    }

    @Test("merges that explode are refused", .timeLimit(.minutes(10)))
    func mergeBomb() {
        var bomb = "a0: &a0 {}\n"
        for level in 1...20 {
            let merges = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            bomb += "a\(level): &a\(level) {<<: [\(merges)]}\n"
        }
        #expect(ImportFixture.complaints(["h.yml": bomb]).contains { $0.contains("aliases expand to more than") })
    }

    @Test("deep nesting ends no process", arguments: ["h.yml", "h.json", "h"], ["[", "{\"a\":"])
    func deep(_ file: String, _ opening: String) throws {
        let complaints = ImportFixture.complaints([file: String(repeating: opening, count: 100_000)])
        #expect(!complaints.isEmpty)
        // As Python, which gives up as well, the text of a literal that is too deep stays one.
        let literal = String(repeating: opening, count: 100_000)
        let devices = try ImportFixture.devices(["h": "x a='\(literal)'\n"])
        #expect(devices["x"]?.variables["a"] == .text(literal))
    }

    @Test("merge keys and anchors are followed as YAML says")
    func merges() throws {
        let devices = try ImportFixture.devices([
            "h.yml": "base: &b {vars: {a: 1}}\nall: {hosts: {x: {<<: {m: 1, n: 2}, n: 3}, y: {<<: [{p: 1}, {p: 2}]}}}\n"
        ])
        #expect(devices["x"]?.variables == ["m": .number(1), "n": .number(3)])
        #expect(devices["y"]?.variables == ["p": .number(1)])
    }

    @Test("texts survive the way through our file, whatever they look like")
    func texts() throws {
        let nasty = [
            "null", "~", "yes", "true", "1", "007", "-1", "a: b", "a #b", "[x]", "{x}", "*a", "&a", "!t", "|", ">",
            "%x",
            "@x", "`x", "'", "\"", "\\", "a\\nb", "-", "- a", "?", ":", "", " a ", "a\tb", "été 😀", "0x1F", "1e3",
            "env:x",
            "=", "<<", "...", "---", "\u{202f}",
        ]
        let json = try JSONText.of([
            "_meta": ["hostvars": ["x": Dictionary(uniqueKeysWithValues: nasty.enumerated().map { ("v\($0)", $1) })]]
        ])
        let devices = try ImportFixture.devices(["h.json": json])
        for (index, text) in nasty.enumerated() {
            #expect(devices["x"]?.variables["v\(index)"] == .text(text), "\(text.debugDescription)")
        }
    }

    @Test(
        "a damaged inventory is imported or refused, and never ends the process", .timeLimit(.minutes(10)),
        arguments: 0..<20)
    func mutations(_ seed: Int) {
        let sources: [(String, ForeignFormat, String)] = [
            (
                "h", .ansible,
                "[a]\nweb[01:03] ansible_host=10.0.0.1 v=[1,'x',{'a': 2}]\n[a:vars]\nk=\"v\"\n[b:children]\na\n"
            ),
            (
                "h.yml", .ansible,
                "all: {children: {a: {hosts: {x: {v: [1, *q], p: !vault 'x'}}, vars: {<<: &q {m: 1}}}}}\n"
            ),
            (
                "h.json", .ansible,
                "{\"_meta\": {\"hostvars\": {\"x\": {\"v\": [1, null, \"\\u00e9\"]}}}, \"a\": [\"x\"]}"
            ),
            (
                "p.json", .netbox,
                "{\"results\": [{\"name\": \"x\", \"site\": {\"slug\": \"a\"}, \"primary_ip\": {\"address\": \"1.2.3.4/8\"}}]}"
            ),
            ("hosts.yaml", .nornir, "x: {hostname: a, data: {v: 1}, groups: []}\n"),
            ("t.csv", .csv, "name,address,\"a,b\"\nx,1.2.3.4,\"q\"\"\"\n"),
            ("router.db", .oxidized, "a:ios:b\nc:eos:d\n"),
        ]
        var random = ImportDice(seed: UInt64(seed) + 5)
        for (path, format, text) in sources {
            for _ in 0..<40 {
                var bytes = Array(text.utf8)
                for _ in 0...random.next(below: 4) {
                    guard !bytes.isEmpty else { break }
                    let at = random.next(below: bytes.count)
                    switch random.next(below: 4) {
                    case 0: bytes[at] = UInt8(random.next(below: 256))
                    case 1: bytes.remove(at: at)
                    case 2:
                        bytes.insert(
                            contentsOf: Array("[]{}:,\"'*&#=\n\\".utf8).suffix(1 + random.next(below: 14)), at: at)
                    default: bytes.insert(contentsOf: bytes[at...].prefix(20), at: random.next(below: at + 1))
                    }
                }
                do throws(InputError) {
                    let imported = try InventoryImport(
                        [ForeignFile(path: path, bytes: bytes)], format: format, source: path,
                        options: ImportFixture.lax)
                    // What is written can be read, or what is wrong with it was wrong before.
                    _ = try InventoryImport.load(Array(imported.text.utf8), as: "out.yaml")
                } catch {
                    #expect(!error.complaints.isEmpty)
                }
            }
        }
    }
}

/// Repeatable dice.
private struct ImportDice {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }
    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
