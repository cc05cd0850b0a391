import Foundation
import Testing

@testable import RolloutEngine

@Suite("Selection")
struct SelectionTests {
    private let inventory: Inventory

    init() throws { inventory = try InventoryFixture.load(InventoryFixture.good).inventory }

    private func names(_ text: String) throws -> [String] {
        try inventory.devices(matching: text).map(\.name.rawValue)
    }

    @Test(
        "terms, lists, globs and expressions mean what they say",
        arguments: [
            ("range=eco", "gra-eco-1 gra-eco-2 gra-eco-10"),
            ("range = eco & !tag=frozen", "gra-eco-1 gra-eco-10"),
            ("range!=eco", "rbx-adv-1"),
            ("dc in (gra, rbx) & platform=linux", "gra-eco-1 gra-eco-2 gra-eco-10 rbx-adv-1"),
            ("datacentre not in (gra)", "rbx-adv-1"),
            ("gra-eco-?", "gra-eco-1 gra-eco-2"),
            ("gra-eco-[13]*", "gra-eco-1 gra-eco-10"),
            ("name=*-1", "gra-eco-1 rbx-adv-1"),
            ("gra-eco-2", "gra-eco-2"),
            ("~^(gra|rbx)-[ae][dc][vo]-1$", "gra-eco-1 rbx-adv-1"),
            ("(~^(gra|rbx).*1$)", "gra-eco-1 rbx-adv-1"),
            ("~eco-1 & ~0$", "gra-eco-10"),
            ("pair=eco-1 | rack=r1 | power=feed-*", "gra-eco-1 gra-eco-2"),
            ("group=early", "gra-eco-2"),
            ("link=rbx-core-1", "rbx-adv-1"),
            ("var.cap=100Mbit", "gra-eco-1 gra-eco-10"),
            ("vars.vlans=20", "gra-eco-2"),
            ("hostname=r1.example", "rbx-adv-1"),
            ("tag='frozen'", "gra-eco-2"),
            ("rbx-* | range=eco & tag=frozen", "gra-eco-2 rbx-adv-1"),
            ("(rbx-* | range=eco) & !(tag=frozen)", "gra-eco-1 gra-eco-10 rbx-adv-1"),
            ("!!gra-eco-1", "gra-eco-1"),
        ])
    func meanings(_ text: String, _ expected: String) throws {
        #expect(try names(text).joined(separator: " ") == expected)
    }

    @Test(
        "a mistake is named with its column",
        arguments: [
            ("", "selection:1:1: the selection is empty"),
            ("range=", "selection:1:7: expected a value, not the end"),
            ("range=eco &", "selection:1:12: expected a device or an attribute, not the end"),
            ("& range=eco", "selection:1:1: expected a device or an attribute, not &"),
            ("(range=eco", "selection:1:11: expected ) for the ( at column 1, not the end"),
            ("range=eco)", "selection:1:10: expected & or | before )"),
            ("range=eco and tag=x", "selection:1:11: expected & or | before 'and' (write & for and"),
            ("dc in gra", "selection:1:7: expected ( after in, not 'gra'"),
            ("dc in (gra rbx)", "selection:1:12: expected , or ) in the list, not 'rbx'"),
            ("tag='x", "selection:1:5: a quote that is never closed"),
            ("~(", "selection:1:1: '(' is no regular expression"),
            ("range=ecoo", "selection:1:1: unknown range 'ecoo' (did you mean 'eco'?)"),
            ("range=eco | range=adv", "selection:1:13: unknown range 'adv' (known ranges: eco, advance)"),
            ("dc=grav", "selection:1:1: unknown datacentre 'grav' (did you mean 'gra'?)"),
            ("rnage=eco", "selection:1:1: no device has an attribute 'rnage' (did you mean 'range'?)"),
            ("var.capp=1", "selection:1:1: no device has a variable 'capp' (did you mean 'cap'?)"),
            ("eco", "selection:1:1: unknown device 'eco' (there is a range of this name: range=eco)"),
            ("frozen", "selection:1:1: unknown device 'frozen' (there is a tag of this name: tag=frozen)"),
            ("gra-eco-11", "selection:1:1: unknown device 'gra-eco-11' (did you mean 'gra-eco-1'?)"),
            (
                "range=eco & tag=frozn",
                "selection:1:13: 'range=eco & tag=frozn' matches none of the 4 devices of inventory inv "
                    + "(no device has what is asked at column 13; did you mean 'frozen'?)"
            ),
            (
                "range=eco & dc=rbx",
                "selection:1:1: 'range=eco & dc=rbx' matches none of the 4 devices of inventory inv "
                    + "(each part matches some device, but no device all of it)"
            ),
        ])
    func mistakes(_ text: String, _ expected: String) {
        let error = #expect(throws: InputError.self) { try inventory.devices(matching: text) }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }

    @Test("a file stands for the devices it names")
    func lists() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "rollout-list-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try "# tonight\ngra-eco-10\n\n  rbx-adv-1 # the router\r\n".write(to: file, atomically: true, encoding: .utf8)
        #expect(try names("@\(file.path)") == ["gra-eco-10", "rbx-adv-1"])
        #expect(try names("@\(file.path) & range=eco") == ["gra-eco-10"])
        try "gra-eco-10\ngra-eco-99\n".write(to: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: InputError.self) { try names("@\(file.path)") }
        #expect(error?.description.contains("unknown device 'gra-eco-99'") == true)
        #expect(throws: InputError.self) { try Selection("@/nowhere") }
    }

    @Test("hostile selections end in an error, not in a crash")
    func hostile() {
        let texts = [
            String(repeating: "(", count: 50_000), String(repeating: "!", count: 50_000),
            String(repeating: "a|", count: 40_000), String(repeating: "a&", count: 30_000) + "a",
            "\u{0}", "~[", "~(((((", "[", "[]", "[a", "*" + String(repeating: "a*", count: 500), "'", "\"", "@", "~",
            "in",
            "in in (in)", "not in (a)", "a not", "a not in", "=", "!=", ",", "var.=x", "\u{202e}eco",
        ]
        for text in texts {
            do { _ = try inventory.devices(matching: text) } catch { #expect(!error.complaints.isEmpty) }
        }
    }

    @Test("De Morgan, double negation, idempotence and distribution hold for random selections", arguments: 0..<200)
    func laws(_ seed: Int) throws {
        var random = Lehmer(seed: UInt64(seed) + 1)
        let a = Self.expression(&random, depth: 3)
        let b = Self.expression(&random, depth: 3)
        let c = Self.expression(&random, depth: 2)
        let pairs = [
            ("!((\(a)) & (\(b)))", "!(\(a)) | !(\(b))"), ("!((\(a)) | (\(b)))", "!(\(a)) & !(\(b))"),
            ("!!(\(a))", a), ("(\(a)) & (\(a))", a), ("(\(a)) | (\(a)) & (\(b))", a),
            ("(\(a)) & ((\(b)) | (\(c)))", "(\(a)) & (\(b)) | (\(a)) & (\(c))"),
        ]
        for (left, right) in pairs {
            let first = try Selection(left)
            let second = try Selection(right)
            for device in inventory.devices {
                #expect(first.matches(device) == second.matches(device), "\(left)  <->  \(right)")
            }
        }
    }

    private static func expression(_ random: inout Lehmer, depth: Int) -> String {
        let terms = [
            "range=eco", "dc=rbx", "tag=frozen", "gra-*", "~1$", "dc in (gra,rbx)", "pair!=eco-1", "group=slow",
            "var.cap=*",
            "rack not in (r1,r2)",
        ]
        switch depth == 0 ? 0 : random.next(below: 4) {
        case 1: return "!(\(expression(&random, depth: depth - 1)))"
        case 2: return "(\(expression(&random, depth: depth - 1)) & \(expression(&random, depth: depth - 1)))"
        case 3: return "(\(expression(&random, depth: depth - 1)) | \(expression(&random, depth: depth - 1)))"
        default: return terms[random.next(below: terms.count)]
        }
    }
}

/// A small generator with a seed, so that a failure can be seen again.
struct Lehmer {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
