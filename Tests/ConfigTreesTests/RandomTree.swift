@testable import ConfigTrees

/// Numbers from a seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Makes trees out of the lines of a platform's fixtures and of `more`: any of them, in any order, in their sections.
struct RandomTree {
    private let dialect: ConfigDialect
    private let rules: DialectRules
    private let pool: [ConfigNode]

    init(_ dialect: ConfigDialect) throws {
        self.dialect = dialect
        rules = DialectRules(dialect)
        let texts =
            Fixture.all.filter {
                $0.platform == dialect.name || $0.platform == "cisco_ios" && dialect.name == "cisco_iosxe"
            }
            .flatMap { [$0.running, $0.intended] } + [Self.more[dialect.name]].compactMap { $0 }
        pool = try texts.reduce(into: []) { pool, text in
            Self.merge(try ConfigTree(parsing: text, syntax: dialect.syntax).nodes, into: &pool)
        }
    }

    func make(_ generator: inout SeededGenerator) -> ConfigTree {
        ConfigTree(nodes: pick(pool, [], &generator), syntax: dialect.syntax, isFlat: dialect.syntax.family == .paths)
    }

    private static func merge(_ nodes: [ConfigNode], into pool: inout [ConfigNode]) {
        for node in nodes {
            if let same = pool.firstIndex(where: { $0.text == node.text }) {
                merge(node.children, into: &pool[same].children)
            } else {
                pool.append(node)
            }
        }
    }

    private func pick(
        _ pool: [ConfigNode], _ parents: [[Substring]], _ generator: inout SeededGenerator
    ) -> [ConfigNode] {
        var picked: [ConfigNode] = []
        var taken: Set<String> = []
        let areNumbered = Bool.random(using: &generator)
        let share = Int.random(in: 2...9, using: &generator)
        for node in pool.shuffled(using: &generator) {
            let positive = rules.negated(node.text) ?? node.text
            let words = positive.split(separator: " ")
            var node = node
            if rules.toggles.matches(words, in: parents) {
                // One of both always stands there.
                node.text = Bool.random(using: &generator) ? positive : rules.opposite(positive)
            } else {
                if Int.random(in: 0..<10, using: &generator) >= share { continue }
                if positive != node.text, !rules.defaults.matches(node.words, in: parents) { continue }
            }
            if let section = parents.last, rules.numbered.matches(section, in: parents.dropLast()),
                (node.text.first?.isNumber == true) != areNumbered
            {
                continue
            }
            guard taken.insert(name(of: node, parents)).inserted else { continue }
            node.children = pick(node.children, parents + [node.words], &generator)
            if node.children.isEmpty, rules.partial.matches(words, in: parents) { continue }
            node.isInactive =
                dialect.name == "juniper_junos" && Int.random(in: 0..<20, using: &generator) == 0
                && (node.children.isEmpty || node.children.count > 1)
            picked.append(node)
        }
        // Devices keep some entries last.
        let last = picked.filter { node in
            dialect.ordered.contains { $0.last?.match(node.words, in: parents) != nil }
        }
        return picked.filter { !last.contains($0) } + last
    }

    private func name(of node: ConfigNode, _ parents: [[Substring]]) -> String {
        if dialect.syntax.family == .menus, let menu = parents.last {
            return MenuEntries(dialect: dialect).entry(node.text, menu.joined(separator: " "))?.text ?? node.text
        }
        // Words of a path that hold what is below them share no place.
        if dialect.syntax.family == .paths, !node.children.isEmpty { return node.text }
        return "\(rules.slot(of: node, in: parents))"
    }

    static let more: [String: String] = [
        "cisco_ios": cisco, "cisco_iosxe": cisco, "arista_eos": cisco,
        "cisco_nxos": """
        ip access-list A
         10 permit ip any any
         20 deny ip any any
         30 permit udp any any
        class-map type qos match-any V
         match dscp 46
        policy-map type qos P
         class type qos V
          set qos-group 1
         class type qos W
          set qos-group 2
         class type qos class-default
          set qos-group 0
        """,
        "cisco_iosxr": """
        route-policy A
         if med eq 1 then
          pass
         endif
         drop
        end-policy
        interface Loopback0
         ipv4 address 10.0.0.1 255.255.255.255
         ipv4 address 10.0.0.2 255.255.255.255
         vrf RED
        """,
        "juniper_junos": """
        set policy-options policy-statement P term a then accept
        set policy-options policy-statement P term b then reject
        set policy-options policy-statement P term c from protocol bgp
        set policy-options policy-statement P term d then accept
        set protocols bgp group G export a
        set protocols bgp group G export b
        set protocols bgp group G export c
        set system host-name a
        set system host-name b
        set system login message "a b"
        """,
        "vyos": """
        set firewall name IN rule 10 action accept
        set firewall name IN rule 10 action drop
        set firewall name IN rule 20 protocol tcp
        set system name-server 10.0.0.1
        set system name-server 10.0.0.2
        """,
        "mikrotik_routeros": """
        /ip firewall filter
        add chain=forward action=accept
        add chain=forward action=accept protocol=udp
        add chain=forward action=drop
        /ip address
        add address=10.0.0.1/24 interface=ether3 comment="a b"
        /ip service
        set telnet disabled=yes
        set ssh port=2222
        """,
        "huawei_vrp": """
        traffic policy P
         classifier A behavior A
         classifier B behavior B
         classifier C behavior C
        aaa
         local-user a password irreversible-cipher x
         local-user a service-type ssh
         local-user b service-type ssh
        """,
    ]

    private static let cisco = """
        ip access-list extended A
         permit tcp any any
         permit udp any any
         deny ip any any
         10 permit tcp any any
         20 deny ip any any
         20 permit udp any any
         30 deny ip any any
        ip access-list extended B
         permit ip any any
         permit icmp any any
        ip prefix-list P seq 5 permit 10.0.0.0/8
        ip prefix-list P seq 5 permit 10.0.0.0/9
        ip prefix-list P seq 10 deny 10.0.0.0/9
        ip as-path access-list 1 permit ^65000_
        ip as-path access-list 1 deny .*
        policy-map P
         class A
          bandwidth percent 10
          bandwidth percent 20
         class B
          shape average 1000
          service-policy X
          service-policy Y
         class C
          priority
         class class-default
          fair-queue
        policy-map Q
         class A
         class B
        interface Vlan1
         ip address 10.0.0.1 255.255.255.0
         ip address 10.0.0.2 255.255.255.0
         ip address 10.0.0.3 255.255.255.0 secondary
         vrf forwarding RED
         vrf forwarding BLUE
         service-policy input P
         service-policy input Q
         service-policy output P
         shutdown
         no shutdown
         ip redirects
        interface Vlan2
         ip address 10.0.0.1 255.255.255.0
         ip address 10.0.0.2 255.255.255.0
         switchport trunk allowed vlan 10
         switchport trunk allowed vlan 20
        router bgp 1
         neighbor 10.0.0.1 remote-as 1
         neighbor 10.0.0.1 remote-as 2
         neighbor 10.0.0.1 description a
         neighbor 10.0.0.2 remote-as 1
         address-family ipv4
          neighbor 10.0.0.1 route-map A in
          neighbor 10.0.0.1 route-map B in
          neighbor 10.0.0.2 weight 1
        route-map M permit 10
         match ip address 1
        route-map M deny 10
         match ip address 2
        ip http server
        banner motd ^C
        a
        ^C
        banner motd ^C
        b
         c
        ^C
        """
}
