/// Which devices are meant, in the language of selections: `range=eco & dc in (gra,rbx) & !tag=frozen`.
///
/// A term is `attribute=value`, `attribute!=value`, `attribute in (a,b)`, or a device's name; values may be globs
/// (`gra-*`, `gra-eco-[0-4]?`), `~regex`, or quoted. `@FILE` stands for the devices named in a file, one a line.
/// Terms are joined by `&`, `|`, `!` and parentheses; `&` binds more tightly than `|`.
public struct Selection: Sendable {
    /// The selection as written.
    public let text: String

    let root: Expression

    /// Reads a selection.
    ///
    /// - Throws: `InputError` that points at the column, when it cannot be understood, or when a file that it names
    ///   cannot be read.
    public init(_ text: String) throws(InputError) {
        self.text = text
        var parser = try SelectionParser(text)
        root = try parser.selection()
    }

    /// Whether a device is meant.
    public func matches(_ device: Device) -> Bool { root.matches(device) }

    /// Selections inside each other.
    indirect enum Expression: Sendable {
        case all([Expression])
        case any([Expression])
        case not(Expression)
        case term(Term)

        func matches(_ device: Device) -> Bool {
            switch self {
            case .all(let parts): parts.allSatisfy { $0.matches(device) }
            case .any(let parts): parts.contains { $0.matches(device) }
            case .not(let part): !part.matches(device)
            case .term(let term): term.matches(device)
            }
        }

        /// Every term, in the order in which they are written.
        var terms: [Term] {
            switch self {
            case .all(let parts), .any(let parts): parts.flatMap(\.terms)
            case .not(let part): part.terms
            case .term(let term): [term]
            }
        }
    }

    /// An attribute that has one of some values.
    struct Term: Sendable {
        let attribute: Attribute
        let patterns: [NamePattern]
        /// The column of its first character, from 1.
        let column: Int

        func matches(_ device: Device) -> Bool {
            switch attribute {
            case .name: has(device.name.rawValue)
            case .hostname: has(device.hostname)
            case .address: has(device.address)
            case .range: has(device.range.rawValue)
            case .datacentre: has(device.datacentre.rawValue)
            case .platform: has(device.platform.rawValue)
            case .tag: device.tags.contains(where: has)
            case .group: device.groups.contains { has($0.rawValue) }
            case .link: device.links.contains { has($0.rawValue) }
            case .domain(let kind): device.domains.contains { $0.kind == kind && has($0.value) }
            case .variable(let name):
                device.variables[name].map { value in Self.texts(of: value).contains(where: has) } ?? false
            }
        }

        private func has(_ value: String) -> Bool { patterns.contains { $0.matches(value) } }

        private static func texts(of variable: Variable) -> [String] {
            if case .list(let items) = variable { items.flatMap(texts) } else { [variable.description] }
        }
    }

    /// What of a device is looked at.
    enum Attribute: Hashable, Sendable {
        case name, hostname, address, range, datacentre, platform, tag, group, link
        case domain(String)
        case variable(String)

        /// The attribute of this name. Whatever is not one of the fixed ones is a kind of failure domain.
        init(_ word: String) {
            switch word {
            case "name", "device": self = .name
            case "hostname": self = .hostname
            case "address": self = .address
            case "range": self = .range
            case "datacentre", "dc": self = .datacentre
            case "platform": self = .platform
            case "tag", "tags": self = .tag
            case "group", "groups": self = .group
            case "link", "links": self = .link
            default:
                let prefix = ["var.", "vars."].first { word.hasPrefix($0) }
                self = prefix.map { .variable(String(word.dropFirst($0.count))) } ?? .domain(word)
            }
        }

        /// The names that `init` knows, but for shorter forms.
        static let names = [
            "name", "hostname", "address", "range", "datacentre", "dc", "platform", "tag", "group", "link",
        ]
    }
}
