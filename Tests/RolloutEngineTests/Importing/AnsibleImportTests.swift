import Testing

@testable import RolloutEngine

@Suite("Import from Ansible")
struct AnsibleImportTests {
    @Test("an INI inventory keeps its hosts, ranges, groups, addresses and variables")
    func ini() throws {
        var options = ImportFixture.lax
        options.datacentreFrom = KeySource("child-of=datacentres")
        options.rangeFrom = KeySource("range")
        let devices = try ImportFixture.devices(
            [
                "hosts": """
                # a comment
                lonely ansible_host=192.0.2.9 range=none
                [gra]
                web[01:03:2].gra range=web ansible_host="192.0.2.1" ; vlan=3
                [rbx]
                db-[a:b]:2222 range='db' mtu=9000 serial=007 spare=True vlans=[10,20] # tail
                [rbx:vars]
                ansible_user=eva
                motd = one = two
                [datacentres:children]
                gra
                rbx
                [all:vars]
                ansible_ssh_common_args='-o ProxyJump=ops@198.51.100.1:2200'
                """.replacing("; vlan=3", with: "vlan=3")
            ], .ansible, options.with { $0.datacentre = "home" })
        #expect(devices.keys.sorted() == ["db-a", "db-b", "lonely", "web01.gra", "web03.gra"])
        let database = try #require(devices["db-a"])
        #expect(database.address == "db-a")
        #expect(database.ssh.port == 2222)
        #expect(database.ssh.user == "eva")
        #expect(database.ssh.jump == "ops@198.51.100.1:2200")
        #expect(database.datacentre == "rbx")
        #expect(database.range == "db")
        #expect(database.groups == ["datacentres", "rbx"])
        #expect(
            database.variables == [
                "mtu": .number(9000), "serial": .text("007"), "spare": .flag(true),
                "vlans": .list([.number(10), .number(20)]), "motd": .text("one = two"),
            ])
        #expect(devices["web03.gra"]?.address == "192.0.2.1")
        #expect(devices["web03.gra"]?.ssh.user == "root")
        #expect(devices["lonely"]?.datacentre == "home")
    }

    @Test("of levels that say the same, Ansible's order decides, which is not ours")
    func precedence() throws {
        let devices = try ImportFixture.devices([
            "hosts.yml": """
            all:
              vars: {a: all, b: all, c: all}
              children:
                parent:
                  vars: {a: parent, b: parent}
                  children:
                    child: {hosts: {one: {d: inventory}, two: }, vars: {a: child}}
                zeta: {hosts: {one: }, vars: {a: zeta, e: zeta, ansible_group_priority: 1}}
                alpha: {hosts: {one: }, vars: {e: alpha, ansible_group_priority: 10}}
            """,
            "group_vars/all.yml": "b: file of all\nd: file of all\n",
            "host_vars/one.yml": "d: file of one\n",
        ])
        // Depth first, then priority and name; files of groups come over all of the inventory.
        #expect(devices["one"]?.variables["a"] == .text("child"))
        #expect(devices["one"]?.variables["b"] == .text("file of all"))
        #expect(devices["one"]?.variables["c"] == .text("all"))
        #expect(devices["one"]?.variables["d"] == .text("file of one"))
        #expect(devices["two"]?.variables["d"] == .text("file of all"))
        #expect(devices["one"]?.variables["e"] == .text("alpha"))
    }

    @Test("the answer to --list is read, with its variables, and JSON's own escapes")
    func list() throws {
        let devices = try ImportFixture.devices([
            "list.json": #"""
            {"_meta": {"hostvars": {"r1": {"ansible_host": "192.0.2.1", "note": "caf\u00e9 \ud83d\ude00", "n": 5}}},
             "all": {"children": ["core", "ungrouped"]}, "core": {"hosts": ["r1"], "vars": {"site": "gra"}}, "edge": ["r2"]}
            """#
        ])
        #expect(devices["r1"]?.address == "192.0.2.1")
        #expect(devices["r1"]?.variables["note"] == .text("café 😀"))
        #expect(devices["r1"]?.variables["site"] == .text("gra"))
        #expect(devices["r2"]?.groups == ["edge"])
    }

    @Test("platforms are known by the names of collections, and by what is said of them")
    func platforms() throws {
        var options = ImportFixture.lax
        options.platforms = ["acme.os.os": "acme"]
        let devices = try ImportFixture.devices(
            [
                "hosts": """
                a ansible_network_os=arista.eos.eos
                b ansible_network_os=cisco.ios.ios
                c ansible_network_os=junos
                d ansible_network_os=acme.os.os
                e
                """
            ], .ansible, options)
        #expect(
            devices.mapValues(\.platform.rawValue)
                == ["a": "arista_eos", "b": "cisco_ios", "c": "juniper_junos", "d": "acme", "e": "linux"])
    }

    @Test("names of variables are filled into addresses; any cleverer template is refused there and dropped elsewhere")
    func templates() throws {
        let files = [
            "hosts.yml": """
            all:
              vars: {ansible_host: "{{ inventory_hostname_short }}.{{ zone }}", zone: example.net, t: "{{ zone }}"}
              hosts: {r1.gra: , r2.gra: {zone: example.org}}
            """
        ]
        let devices = try ImportFixture.devices(files)
        #expect(devices["r1.gra"]?.address == "r1.example.net")
        #expect(devices["r2.gra"]?.address == "r2.example.org")
        #expect(devices["r1.gra"]?.variables["t"] == nil)
        let report = try ImportFixture.read(files).report
        #expect(report.dropped.map(\.key) == ["t"])
        #expect(report.dropped.first?.places.map(\.description) == ["hosts.yml:2:91"])
        let clever = ["hosts": "r1 ansible_host=\"{{ lookup('dns', 'r1') }}\""]
        #expect(
            ImportFixture.complaints(clever).contains {
                $0.hasPrefix("hosts:1:1: the address of 'r1' is a template that cannot be told")
            })
    }

    @Test("secrets become references, and neither the inventory nor the report holds them")
    func secrets() throws {
        let imported = try ImportFixture.read([
            "hosts.yml": """
            all:
              vars: {ansible_password: hunter2, ansible_become_password: hunter3, api_token: hunter4}
              hosts:
                r1: {ansible_password: hunter5}
                r2: {ansible_ssh_common_args: "-o ProxyCommand='sshpass -p hunter6 ssh -W %h:%p x'"}
                r3:
                  ansible_password: !vault |
                    $ANSIBLE_VAULT;1.1;AES256
                    6162
                  enable: !vault |
                    $ANSIBLE_VAULT;1.1;AES256
                    6163
                r4: {snmp_community: hunter7, ansible_password: "{{ vaulted }}"}
            """,
            "host_vars/r4.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        ])
        let report = try JSONText.of(imported.report)
        #expect(!imported.text.contains("hunter"))
        #expect(!report.contains("hunter"))
        #expect(
            imported.report.secrets.map { "\($0.reference) \($0.kept)" } == [
                "env:ROLLOUT_SNMP_COMMUNITY_R4 written out", "env:ROLLOUT_SSH_PASSWORD written out",
                "env:ROLLOUT_SSH_PASSWORD_R1 written out", "env:ROLLOUT_SSH_PASSWORD_R3 encrypted",
                "env:ROLLOUT_SSH_PASSWORD_R4 a template",
            ])
        #expect(imported.report.dropped.contains { $0.key == "enable" && $0.reason == "encrypted" })
        #expect(imported.report.dropped.contains { $0.key == "api_token" && $0.reason.contains("secret") })
        #expect(imported.report.leftOut.map(\.reason) == ["encrypted with ansible-vault"])
        let loaded = try InventoryImport.load(Array(imported.text.utf8), as: "out.yaml")
        #expect(loaded.inventory.device(named: "r2")?.ssh.password == .environment("ROLLOUT_SSH_PASSWORD"))
        #expect(loaded.inventory.device(named: "r1")?.ssh.password == .environment("ROLLOUT_SSH_PASSWORD_R1"))
    }

    @Test("what a host takes back from its group is not given to it")
    func takenBack() throws {
        let devices = try ImportFixture.devices([
            "hosts.yml": """
            g:
              vars: {mtu: 1500, ansible_ssh_common_args: -J a@b}
              hosts: {one: , two: {mtu: {a: map}, ansible_ssh_common_args: ""}}
            """
        ])
        #expect(devices["one"]?.variables["mtu"] == .number(1500))
        #expect(devices["one"]?.ssh.jump == "a@b")
        #expect(devices["two"]?.variables["mtu"] == nil)
        #expect(devices["two"]?.ssh.jump == nil)
    }

    @Test("words that YAML 1.1 takes for flags and numbers mean to us what they mean to Ansible")
    func words() throws {
        let devices = try ImportFixture.devices([
            "h.yml":
                "all: {hosts: {a: {b: yes, c: 'yes', d: 0644, e: '0644', f: 0x1F, g: 1_000, h: 1:30, i: 1.50, j: oN, k: ~}}}"
        ])
        #expect(
            devices["a"]?.variables == [
                "b": .flag(true), "c": .text("yes"), "d": .number(420), "e": .text("0644"), "f": .number(31),
                "g": .number(1000), "h": .number(90), "i": .text("1.50"), "j": .text("oN"), "k": .text(""),
            ])
    }

    @Test(
        "jumps are found in arguments of ssh",
        arguments: [
            ("-o ProxyJump=eva@b:22", "eva@b:22", false), ("-J eva@b", "eva@b", false), ("-Jeva@b", "eva@b", false),
            ("-o ProxyCommand=\"ssh -W %h:%p -q eva@b -p 2\"", "eva@b:2", false),
            ("-o ProxyCommand='ssh -l eva -W %h:%p b'", "eva@b", false),
            ("-o 'proxyjump eva@b' -o StrictHostKeyChecking=no", "eva@b", true), ("-C", nil, true),
            ("-o ProxyCommand='nc -X 5 %h %p'", nil, true), ("", nil, false),
        ] as [(String, String?, Bool)])
    func jumps(_ text: String, _ jump: String?, _ saysMore: Bool) {
        #expect(SSHArguments(text).jump == jump)
        #expect(SSHArguments(text).saysMore == saysMore)
    }
}

extension ImportOptions {
    func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}
