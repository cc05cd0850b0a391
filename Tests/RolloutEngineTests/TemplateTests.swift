import Foundation
import Testing

@testable import RolloutEngine

@Suite("Template")
struct TemplateTests {
    private let context: [String: Variable] = [
        "uplink": .text("e0"), "cap": .text("500Mbit"), "vlan": .number(42), "on": .flag(true), "off": .flag(false),
        "vlans": .list([.number(10), .number(20)]), "none": .list([]), "words": .list([.text("a"), .text("b")]),
        "sly": .text("{{ cap }}"), "empty_text": .text(""),
    ]

    private func render(_ text: String) throws -> String { try StrictTemplate(text).render(context) }

    @Test(
        "what is defined renders as in Stencil",
        arguments: [
            ("plain", "plain"), ("", ""), ("a { b } c", "a { b } c"), ("{{ uplink }}", "e0"),
            ("{{uplink}}-{{ vlan }}", "e0-42"),
            ("{{ on }}", "true"), ("{# note #}x", "x"), ("{{ uplink|uppercase }}", "E0"),
            ("{{ missing|default:\"x\" }}", "x"), ("{{ missing | default:uplink | uppercase }}", "E0"),
            ("{{ vlans.0 }}/{{ vlans.count }}", "10/2"), ("{{ words|join:\", \" }}", "a, b"),
            ("{% for v in vlans %}{{ v }};{% endfor %}", "10;20;"),
            ("{% for v in vlans %}{{ forloop.counter }}{% if not forloop.last %},{% endif %}{% endfor %}", "1,2"),
            ("{% for v in none %}{{ v }}{% empty %}-{% endfor %}", "-"),
            ("{% if on and not off %}a{% else %}b{% endif %}", "a"), ("{% if vlan > 40 %}big{% endif %}", "big"),
            ("{% if uplink == \"e0\" %}yes{% elif vlan == 1 %}no{% endif %}", "yes"),
            ("{% if (off or on) and (\"a\" in words) %}in{% endif %}", "in"),
            ("a\n{%- if on -%}\n b\n{%- endif %}\nc", "ab\nc"), ("{{ \"it | is: a, text\" }}", "it | is: a, text"),
            ("é{{ uplink }}\r\nü", "ée0\r\nü"), ("{{ empty_text }}", ""),
        ])
    func renders(_ text: String, _ expected: String) throws { #expect(try render(text) == expected) }

    @Test(
        "what would render as nothing, or as something else, is refused with its line",
        arguments: [
            ("{{ missing }}", 1, "undefined variable 'missing'"), ("a\n{{ uplnk }}", 2, "undefined variable 'uplnk'"),
            ("{% if missing %}{% endif %}", 1, "undefined variable 'missing'"),
            ("{% if off %}\n{{ typo }}{% endif %}", 2, "undefined variable 'typo'"),
            ("{% for x in missing %}{% endfor %}", 1, "undefined variable 'missing'"),
            ("{% for v in vlans %}{% endfor %}{{ v }}", 1, "undefined variable 'v'"),
            ("{{ forloop.counter }}", 1, "undefined variable 'forloop'"),
            ("{{ uplink|default:other }}", 1, "undefined variable 'other'"),
            ("\n{{ vlans.5 }}", 2, "'vlans.5' is undefined"), ("{{ vlan.first }}", 1, "'vlan.first' is undefined"),
            ("{{ none.first }}", 1, "undefined"), ("{{ none.last }}", 1, "'none.last' is no variable"),
            ("{{ vlans }}", 1, "is a list where one value is wanted"),
            ("{{ vlans|default:\"x\" }}", 1, "list where one value is wanted"),
            ("{% for c in uplink %}{{ c }}{% endfor %}", 1, "{% for %} needs a list"),
            ("{{ uplink", 1, "'{{' is never closed"), ("x\n${#array}", 2, "'{#' is never closed"),
            ("{% if on %}", 1, "{% if %} is never closed"),
            ("{% endif %}", 1, "without {% if"), ("{% include \"/etc/passwd\" %}", 1, "unknown tag 'include'"),
            ("{% now %}", 1, "unknown tag 'now'"), ("{{ uplink|upper }}", 1, "unknown filter 'upper'"),
            ("{{ 1...1000000000 }}", 1, "is no variable"), ("{% for x in 1...9 %}{% endfor %}", 1, "is no variable"),
            ("{{ }}", 1, "a variable is missing"), ("{{ a b }}", 1, "is no variable"),
            ("{{ inf }}", 1, "is no variable"),
            ("{{ words[0] }}", 1, "is no variable"), ("{{ \"a }}", 1, "is no text in quotes"),
            ("{% if %}{% endif %}", 1, "a condition is missing"),
            ("{% for in in in %}{% endfor %}", 1, "cannot be read"), ("{% if on on %}{% endif %}", 1, "dangling"),
            ("{% if and %}{% endif %}", 1, "left hand side"),
            ("{% if on and \"a\" in words %}{% endif %}", 1, "'in' beside another operator"),
            ("{% if not \"a\" in words %}{% endif %}", 1, "'in' beside another operator"),
        ])
    func refuses(_ text: String, _ line: Int, _ expected: String) {
        do {
            let result = try render(text)
            Issue.record("rendered as \(result)")
        } catch let problem as TemplateProblem {
            #expect(problem.message.contains(expected), "\(problem)")
            #expect(problem.line == line, "\(problem)")
        } catch { Issue.record("\(error)") }
    }

    @Test(
        "damaged templates render or are refused, and never end the process", .timeLimit(.minutes(10)),
        arguments: 0..<20
    )
    func mutations(_ seed: Int) {
        var random = Lehmer(seed: UInt64(seed) + 5)
        let pieces = [
            "{{ ", " }}", "{% if ", "{% for v in vlans ", " %}", "{% endif %}", "{% endfor %}", "uplink", "v",
            "missing", "|join:\",\"",
            "|default:\"x\"", ".0", ".first", ".count", "'", "\"", "(", ")", " and ", " not ", "\n", "{# ", " #}", "é",
            "{", "%", "-",
        ]
        for _ in 0..<100 {
            let text = (0...random.next(below: 14)).map { _ in pieces[random.next(below: pieces.count)] }.joined()
            do { _ = try render(text) } catch { #expect(error is TemplateProblem, "\(text)") }
        }
    }

    private static let device = Device(
        name: "gra-eco-1", address: "10.0.0.1", platform: "linux", range: "eco", datacentre: "gra",
        variables: [
            "uplink": .text("e0"), "doubled": .text("500Mbit"), "sly": .text("{{ doubled }}"), "lines": .text("a\nb"),
            "shell": .text("x; reboot"), "flagged": .text("-x"), "vlans": .list([.number(1)]),
            "service": .text("shaper@e0"),
            "tiny": .text("1KiB"),
        ])

    private func resolve(_ intent: Intent) throws -> [ResolvedIntent] {
        try IntentResolver.resolve(Change(name: "c", intents: [intent]), for: Self.device)
    }

    @Test("a change is resolved with units, an automatic bucket and the device's own fields")
    func resolves() throws {
        let shape = try resolve(
            .shape(ShapingIntent(interface: "{{ uplink }}", egressRate: "{{ doubled }}", trafficClass: "1:10")))
        let rate = BitsPerSecond(500_000_000)
        #expect(
            shape == [.shape(interface: "e0", rate: rate, burst: BurstRule.automatic(for: rate), trafficClass: "1:10")])
        let file = try resolve(
            .file(
                FileIntent(
                    path: "/etc/{{ range }}.conf",
                    template: "{{ name }} {{ hostname }} {{ address }} {{ datacentre }} {{ platform }}\n",
                    reload: "systemctl reload {{ service }}", check: "{{ uplink }} %s")))
        #expect(
            file == [
                .file(
                    path: "/etc/eco.conf", content: "gra-eco-1 gra-eco-1 10.0.0.1 gra linux\n", mode: "0644",
                    reload: "systemctl reload shaper@e0", check: "e0 %s")
            ])
    }

    @Test(
        "a value that could mean more than a value is refused, with intent, device and variable",
        arguments: [
            (
                Intent.shape(ShapingIntent(interface: "{{ uplnk }}", egressRate: "1Mbit")),
                "change c: shape[0].interface for device gra-eco-1: undefined variable 'uplnk' (did you mean 'uplink'?)"
            ),
            (.shape(ShapingIntent(interface: "{{ sly }}", egressRate: "1Mbit")), "'{{' is left in '{{ doubled }}'"),
            (
                .shape(ShapingIntent(interface: "{{ lines }}", egressRate: "1Mbit")),
                "has a line break or control character"
            ),
            (
                .shape(ShapingIntent(interface: "{{ shell }}", egressRate: "1Mbit")),
                "expected an interface such as eth0"
            ),
            (.shape(ShapingIntent(interface: "{{ flagged }}", egressRate: "1Mbit")), "expected an interface"),
            (
                .shape(ShapingIntent(interface: "e0", egressRate: "{{ uplink }}")),
                "shape[0].egress_rate for device gra-eco-1: the value is 'e0', expected a rate"
            ),
            (.shape(ShapingIntent(interface: "e0", egressRate: "{{ doubled }}", burst: "{{ tiny }}")), "too small"),
            (
                .shape(ShapingIntent(interface: "e0", egressRate: "1Mbit", trafficClass: "1:10;x")),
                "expected a traffic class"
            ),
            (.shape(ShapingIntent(interface: "{{ vlans }}", egressRate: "1Mbit")), "list where one value is wanted"),
            (.file(FileIntent(path: "/etc/../{{ uplink }}", template: "x")), "expected an absolute path without .."),
            (.file(FileIntent(path: "/etc/{{ shell }}", template: "x")), "expected an absolute path"),
            (
                .file(FileIntent(path: "/etc/x", template: "a\n{{ sly }}")),
                "'{{' is left on line 2 of what was rendered"
            ),
            (
                .file(FileIntent(path: "/etc/x", template: "x", reload: "reload {{ shell }}")),
                "variable 'shell' holds 'x; reboot', which a shell would read"
            ),
            (
                .file(FileIntent(path: "/etc/x", template: "x", check: "try {{ shell }} %s")),
                "variable 'shell' holds 'x; reboot', which a shell would read"
            ),
            (
                .lines(LinesIntent(template: "a\n{{ sly }}")),
                "lines[0].template for device gra-eco-1: '{{' is left on line 2 of what was rendered"
            ),
            (.lines(LinesIntent(template: "a", absent: "{{ nowhere }}")), "lines[0].absent for device gra-eco-1"),
            (
                .lines(LinesIntent(platforms: ["arista_eos"], template: "a")),
                "the change says nothing for device gra-eco-1: none of its lines are for platform linux"
            ),
            (
                .file(FileIntent(path: "/etc/x", template: "a\n{{ b }")),
                "files[0].template: '{{' is never closed on line 2 of the text"
            ),
        ])
    func refusesValues(_ intent: Intent, _ expected: String) {
        let error = #expect(throws: InputError.self) { try resolve(intent) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test("lines for other platforms say nothing to a device; what is not for it need not render")
    func platforms() throws {
        let change = Change(
            name: "c",
            intents: [
                .lines(LinesIntent(platforms: ["arista_eos"], template: "{{ eos_only }}")),
                .lines(LinesIntent(platforms: ["linux"], template: "b {{ name }}\n", absent: "c\n")),
            ])
        let intents = try IntentResolver.resolve(change, for: Self.device)
        #expect(intents == [.lines(present: "b gra-eco-1\n", absent: "c\n")])
    }

    @Test("complaints name the place in the change's file when it is known")
    func places() throws {
        let change = Change(name: "c", intents: [.shape(ShapingIntent(interface: "{{ x }}", egressRate: "1Mbit"))])
        let place = SourceLocation(file: "policies/c.yaml", line: 3, column: 9)
        let resolver = try IntentResolver(change, places: ["shape[0].interface": place])
        let error = #expect(throws: InputError.self) { try resolver.resolve(for: Self.device) }
        #expect(error?.complaints.first?.location == place)
    }
}
