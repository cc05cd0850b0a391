import ConfigTrees
import RolloutEngine

/// Shaping on platforms whose configuration is menus of entries with named values in any order: `add name=x parent=ether1`.
///
/// The first of the rules is the entry that shapes an interface; the others are entries that would shape it as well, beside
/// which a rate would not be what the interface is held to. Pure.
struct MenuShaping {
    private let interface: String
    private let policy: String
    private let own: Template
    private let rivals: [Template]

    /// An entry of a menu, as the rules write it.
    private struct Template {
        let menu: String
        let values: [(name: String, text: String)]
    }

    /// Nil for rules of other platforms.
    init?(_ rules: ShapingRules, interface: String) {
        let templates = rules.lines.compactMap { path -> Template? in
            guard path.count == 2, path[0].hasPrefix("/"), path[1].hasPrefix("add ") else { return nil }
            return Template(menu: path[0], values: Self.values(path[1]))
        }
        guard templates.count == rules.lines.count, let own = templates.first else { return nil }
        self.interface = interface
        self.own = own
        rivals = Array(templates.dropFirst())
        policy = Placeholders.filled(rules.policy ?? interface) { _ in interface.replacing("/", with: "-") }
    }

    /// Lines in a fixed order, with rates in bits: a device shows them as it likes.
    func find(in outline: ConfigOutline) -> ShapingText.Found {
        let entries = self.entries(own, in: outline)
        var rate: UInt64?
        if let entry = Self.whole(entries), let name = rateName {
            rate = Self.value(name, of: entry).flatMap(Self.bits)
        }
        return ShapingText.Found(
            lines: lines(own.menu, entries),
            shared: rivals.flatMap { rival in lines(rival.menu, self.entries(rival, in: outline)) },
            // No limit is none of zero.
            rate: rate.flatMap { $0 > 0 ? BitsPerSecond($0) : nil })
    }

    /// The lines that shape the interface to a rate, made of those that do now.
    ///
    /// - Throws: `DriverError` with `.unsupported` when something else shapes it, too, or only a part of it.
    func shaped(_ found: ShapingText.Found, to rate: BitsPerSecond) throws(DriverError) -> [String] {
        if let rival = found.shared.dropFirst().first {
            throw DriverError.unsupported(
                "\(interface) is shaped by \(found.shared[0]) as well: \(rival.trimmingLeadingSpaces()); take that away first"
            )
        }
        let entries = found.lines.dropFirst().map { Self.values($0.trimmingLeadingSpaces()) }
        guard entries.count <= 1, entries.isEmpty || Self.whole(entries) != nil else {
            throw DriverError.unsupported(
                "\(interface) has queues in \(own.menu) that this tool cannot put back in other words: "
                    + found.lines.dropFirst().joined(separator: ";"))
        }
        let names = ["policy": policy, "interface": interface, "rate": String(rate.value)]
        var entry = entries.first ?? []
        for value in own.values {
            let text = Placeholders.filled(value.text) { names[$0] }
            if let index = entry.firstIndex(where: { $0.name == value.name }) {
                // Whatever the queue is called, it stays so.
                if value.name == rateName { entry[index].text = text }
            } else {
                entry.append((value.name, text))
            }
        }
        return lines(own.menu, [entry])
    }

    private typealias Entry = [(name: String, text: String)]

    private var rateName: String? { own.values.first { $0.text == "{rate}" }?.name }

    /// The entries of a template's menu that are about the interface.
    private func entries(_ template: Template, in outline: ConfigOutline) -> [Entry] {
        let keys = template.values.filter { $0.text == "{interface}" }.map(\.name)
        var menu = ""
        var found: [Entry] = []
        // A menu holds for the lines after it, indented or not.
        for line in outline.lines.map({ $0.trimmingLeadingSpaces() }) {
            if line.hasPrefix("/") { menu = line }
            guard menu == template.menu, line.hasPrefix("add ") else { continue }
            let entry = Self.values(line)
            if keys.allSatisfy({ Self.value($0, of: entry) == interface }) { found.append(entry) }
        }
        return found
    }

    private func lines(_ menu: String, _ entries: [Entry]) -> [String] {
        guard !entries.isEmpty else { return [] }
        let said = entries.map { entry in
            let values = entry.map { value -> (name: String, text: String) in
                let bits = value.name == rateName && menu == own.menu ? Self.bits(value.text).map { "\($0)" } : nil
                return (value.name, bits ?? value.text)
            }
            return " add " + values.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.text)" }.joined(separator: " ")
        }
        return [menu] + said.sorted()
    }

    /// The only entry, when it is in force and shapes all there is.
    private static func whole(_ entries: [Entry]) -> Entry? {
        guard entries.count == 1, let entry = entries.first, value("packet-mark", of: entry) == nil,
            value("disabled", of: entry) != "yes"
        else { return nil }
        return entry
    }

    private static func value(_ name: String, of entry: Entry) -> String? {
        entry.first { $0.name == name }.map { $0.text.first == "\"" ? String($0.text.dropFirst().dropLast()) : $0.text }
    }

    private static func values(_ command: String) -> Entry {
        ((try? MenuReader.words(command, line: 0)) ?? []).dropFirst().map { word in
            guard let equals = word.firstIndex(of: "=") else { return (word, "") }
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
    }

    /// `500M`, `1G`, `64k`, `500000`: whole bits a second.
    private static func bits(_ text: String) -> UInt64? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number < 1e12,
            let scale = ["": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9][text.dropFirst(digits.count)]
        else { return nil }
        return UInt64((number * scale).rounded())
    }
}

extension String {
    fileprivate func trimmingLeadingSpaces() -> String { String(drop { $0 == " " }) }
}
