import ConfigTrees
import RolloutEngine

/// Shaping on platforms whose configuration is menus of entries with named values in any order: `add name=x parent=ether1`.
///
/// Each of the rules is an entry that shapes an interface: the first is what is made where there is none. Where one is there, it
/// is changed; where there are several, a rate would not be what the interface is held to. Pure.
///
/// Source: RouterOS documentation, Queues (`/queue simple`: `max-limit` of what a target sends, then of what it is sent).
struct MenuShaping {
    private let interface: String
    private let policy: String
    private let templates: [Template]

    /// An entry of a menu, as the rules write it.
    private struct Template {
        let menu: String
        let values: [(name: String, text: String)]
        /// The value that holds the rate.
        let rateName: String?
        /// Whether the rate is the second of two: `max-limit=10M/20M`.
        let isSecond: Bool
        /// The values that name the interface.
        var keys: [String] { values.filter { $0.text == "{interface}" }.map(\.name) }
    }

    /// Nil for rules of other platforms.
    init?(_ rules: ShapingRules, interface: String) {
        templates = rules.lines.compactMap { path -> Template? in
            guard path.count == 2, path[0].hasPrefix("/"), path[1].hasPrefix("add ") else { return nil }
            let values = Self.values(path[1])
            let rate = values.first { $0.text.hasSuffix("{rate}") }
            return Template(
                menu: path[0], values: values, rateName: rate?.name, isSecond: rate?.text.contains("/") ?? false)
        }
        guard templates.count == rules.lines.count, !templates.isEmpty else { return nil }
        self.interface = interface
        policy = Placeholders.filled(rules.policy ?? interface) { _ in interface.replacing("/", with: "-") }
    }

    /// Lines in a fixed order, with rates in bits: a device shows them as it likes.
    func find(in outline: ConfigOutline) -> ShapingText.Found {
        let all = templates.map { ($0, entries($0, in: outline)) }
        guard let (own, entries) = all.first(where: { !$0.1.isEmpty }) ?? all.first else {
            return ShapingText.Found(lines: [], shared: [], rate: nil)
        }
        var rate: UInt64?
        if let entry = whole(entries, own), let name = own.rateName, let text = Self.value(name, of: entry) {
            rate = Self.bits(Self.halves(text, own).rate)
        }
        return ShapingText.Found(
            lines: lines(own, entries),
            shared: all.filter { $0.0.menu != own.menu }.flatMap { lines($0.0, $0.1) },
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
        let own = templates.first { $0.menu == found.lines.first } ?? templates[0]
        let entries = found.lines.dropFirst().map { Self.values($0.trimmingLeadingSpaces()) }
        guard entries.isEmpty || whole(entries, own) != nil else {
            throw DriverError.unsupported(
                "\(interface) has queues in \(own.menu) that this tool cannot put back in other words: "
                    + found.lines.dropFirst().joined(separator: ";"))
        }
        let names = ["policy": policy, "interface": interface, "rate": String(rate.value)]
        var entry = entries.first ?? []
        for value in own.values {
            if let index = entry.firstIndex(where: { $0.name == value.name }) {
                // Whatever the queue is called, it stays so.
                guard value.name == own.rateName else { continue }
                entry[index].text = Self.halves(entry[index].text, own).before + String(rate.value)
            } else {
                // No limit for the half that is not asked for.
                entry.append((value.name, Placeholders.filled(value.text) { names[$0] ?? "0" }))
            }
        }
        return lines(own, [entry])
    }

    private typealias Entry = [(name: String, text: String)]

    /// The entries of a template's menu that are about the interface, alone or with others.
    private func entries(_ template: Template, in outline: ConfigOutline) -> [Entry] {
        var menu = ""
        var found: [Entry] = []
        // A menu holds for the lines after it, indented or not.
        for line in outline.lines.map({ $0.trimmingLeadingSpaces() }) {
            if line.hasPrefix("/") { menu = line }
            guard menu == template.menu, line.hasPrefix("add ") else { continue }
            let entry = Self.values(line)
            let isAbout = template.keys.allSatisfy { key in
                Self.value(key, of: entry)?.split(separator: ",").contains { $0 == interface } ?? false
            }
            if isAbout { found.append(entry) }
        }
        return found
    }

    private func lines(_ template: Template, _ entries: [Entry]) -> [String] {
        guard !entries.isEmpty else { return [] }
        let said = entries.map { entry in
            let values = entry.map { value -> (name: String, text: String) in
                guard value.name == template.rateName else { return value }
                let parts = value.text.split(separator: "/").map { part in
                    Self.bits(String(part)).map { "\($0)" } ?? String(part)
                }
                return (value.name, parts.joined(separator: "/"))
            }
            return " add " + values.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.text)" }.joined(separator: " ")
        }
        return [template.menu] + said.sorted()
    }

    /// Values that make an entry shape only a part of what goes through the interface, or now and then, or in a larger queue.
    private static let partial = ["packet-mark", "packet-marks", "dst", "time"]

    /// The only entry, when it is in force and shapes all there is.
    private func whole(_ entries: [Entry], _ template: Template) -> Entry? {
        guard entries.count == 1, let entry = entries.first,
            !Self.partial.contains(where: { Self.value($0, of: entry)?.isEmpty == false }),
            Self.value("disabled", of: entry) != "yes",
            template.keys.allSatisfy({ Self.value($0, of: entry) == interface }),
            template.keys.contains("parent") || Self.value("parent", of: entry) ?? "none" == "none",
            !template.isSecond || Self.value("total-max-limit", of: entry) == nil
        else { return nil }
        return entry
    }

    /// The rate in a value, and what stands before it.
    private static func halves(_ text: String, _ template: Template) -> (before: String, rate: String) {
        guard template.isSecond, let slash = text.firstIndex(of: "/") else { return ("", text) }
        return (String(text[...slash]), String(text[text.index(after: slash)...]))
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
