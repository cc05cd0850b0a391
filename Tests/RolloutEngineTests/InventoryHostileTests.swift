import Foundation
import Testing

@testable import RolloutEngine

@Suite("Inventory against hostile input")
struct InventoryHostileTests {
    @Test("a billion laughs is refused in no time", .timeLimit(.minutes(10)))
    func billionLaughs() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        let complaints = InventoryFixture.complaints(bomb)
        #expect(complaints.contains { $0.contains("aliases expand to more than 1000000 values") }, "\(complaints)")
    }

    @Test("a bomb that is used as a key, where composing would hash it, is refused", .timeLimit(.minutes(10)))
    func bombAsKey() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        for key in ["? *a12\n: y\n", "*a12 : y\n", "b: {*a12 : y}\n", "b: {[*a12]: y}\n", "b: {? [*a12] : y}\n"] {
            let complaints = InventoryFixture.complaints(bomb + key)
            #expect(complaints.contains { $0.contains("as a key, in a file with aliases") }, "\(key) \(complaints)")
        }
        let nested = String(repeating: "? ", count: 900) + "a\n"
        let many = InventoryFixture.complaints((0..<100).map { "k\($0):\n  \(nested)" }.joined())
        #expect(many.contains { $0.contains("keys that are lists or maps") }, "\(many.prefix(3))")
    }

    @Test(
        "deep nesting is refused without exhausting the stack", .timeLimit(.minutes(10)),
        arguments: ["[", "{a: ", "- ", "? ", "!!seq [", "&a [", "[[{a: "])
    func depth(_ opening: String) {
        let complaints = InventoryFixture.complaints(String(repeating: opening, count: 100_000))
        #expect(complaints.count == 1, "\(complaints)")
        let within = InventoryFixture.complaints(
            "devices: {a: {vars: {x: " + String(repeating: "[", count: 80) + String(repeating: "]", count: 80) + "}}}")
        #expect(within.contains { $0.hasPrefix("inv/inventory.yaml:1:85: nested deeper than 64 levels") }, "\(within)")
    }

    @Test("megabytes of YAML are read or refused, without delay", .timeLimit(.minutes(10)))
    func large() {
        let line = "  d: {address: 10.0.0.1, vars: {a: 1}}\n"
        let many = "devices:\n" + String(repeating: line, count: 1_000_000 / line.utf8.count)
        #expect(InventoryFixture.complaints(many).contains { $0.contains("key 'd' stands twice in one map") })
        let commas = "x: [" + String(repeating: "a,", count: 2_000_001) + "]"
        #expect(
            InventoryFixture.complaints(commas).contains {
                $0.contains(":1:4000004: the file holds more than 2000000 values")
            })
        let long = "x: " + String(repeating: "y", count: 4_000_000)
        #expect(InventoryFixture.complaints(long).contains { $0.contains("unknown key 'x'") })
    }

    @Test("bytes that are no UTF-8 and control characters are named by line and column")
    func bytes() throws {
        func complaint(_ bytes: [UInt8]) -> String {
            do {
                _ = try InventoryFixture.load(bytes: ["inventory.yaml": bytes])
                return "read"
            } catch { return "\(error)" }
        }
        #expect(
            complaint(Array("a: é\nb: x".utf8) + [0xff]).hasPrefix(
                "inv/inventory.yaml:2:5: the file is not valid UTF-8 here"))
        #expect(complaint(Array("a: é".utf8) + [0xc3]).hasPrefix("inv/inventory.yaml:1:5: the file is not valid UTF-8"))
        #expect(complaint([0xed, 0xa0, 0x80]).contains(":1:1: the file is not valid UTF-8"))
        #expect(complaint(Array("a: \u{1b}[31m".utf8)).contains(":1:4: control character U+001B in the file"))
        #expect(complaint(Array("a: \u{0}".utf8)).contains(":1:4: control character U+0000 in the file"))
        #expect(complaint([0xff, 0xfe, 0x61, 0x00]).contains(":1:1: the file is not valid UTF-8"))
    }

    @Test("a byte order mark and carriage returns change neither values nor places")
    func marks() throws {
        let windows = "\u{FEFF}" + InventoryFixture.good.replacingOccurrences(of: "\n", with: "\r\n")
        let loaded = try InventoryFixture.load(windows)
        let plain = try InventoryFixture.load(InventoryFixture.good)
        #expect(loaded.inventory.devices == plain.inventory.devices)
        #expect(loaded.origins(of: "gra-eco-2") == plain.origins(of: "gra-eco-2"))
        #expect(
            InventoryFixture.complaints("\u{FEFF}devcies: {}\r\n").first?.hasPrefix("inv/inventory.yaml:1:1:") == true)
    }

    @Test("complaints hold nothing that a terminal would obey")
    func complaintsAreTame() {
        for yaml in ["devices: {\"a\\e[2J\": {}}", "\"\\u202e\\x9b\": 1", "ranges: {a: {tags: [\"\\e]0;x\\a\"]}}"] {
            let text = InventoryFixture.complaints(yaml).joined()
            #expect(!text.isEmpty)
            let silent = text.unicodeScalars.filter { $0.isSilent }
            #expect(silent.isEmpty, "\(text.debugDescription)")
        }
    }

    @Test(
        "a damaged inventory is read or refused, and never ends the process", .timeLimit(.minutes(10)),
        arguments: 0..<20
    )
    func mutations(_ seed: Int) {
        var random = Lehmer(seed: UInt64(seed) + 77)
        let table =
            "name,address,range,datacentre,links,ssh.port,var.x\nq1,10.0.0.1,eco,gra,gra-core-1,22,\"a\"\"b\"\nq2,::1,eco,rbx,,,\n"
        for _ in 0..<40 {
            var yaml = Array(InventoryFixture.good.utf8)
            var csv = Array(table.utf8)
            for _ in 0...random.next(below: 6) {
                Self.damage(&yaml, &random)
                Self.damage(&csv, &random)
            }
            do {
                let loaded = try InventoryFixture.load(bytes: ["inventory.yaml": yaml, "devices.csv": csv])
                for device in loaded.inventory.devices { _ = loaded.origins(of: device.name) }
            } catch {
                let complaints = (error as? InputError)?.complaints ?? []
                #expect(!complaints.isEmpty, "\(error)")
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout Lehmer) {
        guard !bytes.isEmpty else { return }
        let marks = Array("[]{}:,-&*!|>'\"%@`#?\n\t ".utf8)
        let at = random.next(below: bytes.count)
        switch random.next(below: 6) {
        case 0: bytes[at] = UInt8(random.next(below: 256))
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: marks.suffix(1 + random.next(below: marks.count)), at: at)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + random.next(below: 40)))
        case 4:
            bytes.insert(
                contentsOf: bytes[at..<min(bytes.count, at + random.next(below: 60))], at: random.next(below: at + 1))
        default: bytes[at] = marks[random.next(below: marks.count)]
        }
    }
}
