/// What has to be known of a platform to lead a device from one configuration to another.
///
/// Data: a dialect is read from a file as well as from `builtIns`. Rules name lines by `LinePattern`s. Where patterns of one
/// rule overlap, the first that matches counts.
public struct ConfigDialect: Hashable, Sendable {
    /// The platform, such as `cisco_ios`.
    public var name: String
    /// How configurations are written.
    public var syntax: ConfigSyntax
    /// The word before a line that takes it back: `no`, `undo`.
    public var negation: String
    /// What leaves a section: `exit`, `quit`; empty if nothing does.
    public var sectionExit: String
    /// Sections that are left with other words.
    public var sectionExits: [Wording]
    /// Sections that are entered from another of their kind, which need not be left first: `interface`.
    public var adjoining: [LinePattern]
    /// Lines that open a section even if nothing is in it.
    public var sections: [LinePattern]
    /// Sections that are there by themselves, such as ports, and are not shown with nothing in them: they cannot be taken back, but
    /// for what is in them.
    public var lasting: [LinePattern]
    /// Lines that are taken back with other words than the negation and the whole line.
    public var negations: [Wording]
    /// Lines that go together: where none with these words is left, the words alone are taken back, and with them every line in
    /// the section and below that begins with them. `neighbor *`.
    public var groups: [LinePattern]
    /// Lines that take the place of a sibling of the same key by themselves: `description`.
    public var replacing: [LinePattern]
    /// Lines whose sibling of the same key has to be taken back first: entries with a number.
    public var exchanged: [LinePattern]
    /// Lines that say what holds anyway and that the device does not show.
    public var defaults: [LinePattern]
    /// Lines whose negation the device shows too, so that one of both always stands there.
    public var toggles: [LinePattern]
    /// Sections that are said anew as a whole by entering them again: route policies of IOS-XR.
    public var rewritten: [LinePattern]
    /// Sections that have to be taken back and made anew if anything in them differs.
    public var recreated: [LinePattern]
    /// Lines whose order counts.
    public var ordered: [Order]
    /// Sections whose lines the device numbers 10, 20, 30... if they have no numbers.
    public var numbered: [LinePattern]
    /// What other lines refer to by name, each kind behind those that it may refer to itself. Made before and taken away after
    /// everything else.
    public var definitions: [LinePattern]
    /// Lines whose change takes siblings away.
    public var resets: [Reset]
    /// Lines that go on in a sibling with the word `add`: `switchport trunk allowed vlan`.
    public var continued: [LinePattern]
    /// Lines whose words behind the pattern are a list, such as `1,10-12` or `10 20 to 25`, of which each entry stands for itself:
    /// `vlan`.
    public var expanded: [LinePattern]
    /// Lines that may stand only once on a device: an address. They are taken away where they were before they are said elsewhere.
    public var unique: [LinePattern]
    /// Paths that name nothing by themselves, so that what is below has to be deleted one by one: `interface` without its name.
    public var partial: [LinePattern]
    /// Menus: what tells entries of a menu from each other. Without: `name`, or everything.
    public var entryKeys: [EntryKey]

    /// Lines and the words to use with them. `{line}` stands for the line, `{matched}` for those of its words that the pattern
    /// names, `{last}` for the last of those, `{rest}` for the words behind them.
    public struct Wording: Codable, Hashable, Sendable {
        /// Which lines.
        public var lines: LinePattern
        /// The words.
        public var text: String

        /// Words for lines.
        public init(_ lines: LinePattern, _ text: String) {
            self.lines = lines
            self.text = text
        }
    }

    /// Lines whose order counts. Those with the same words for the pattern's `*` are one list.
    public struct Order: Codable, Hashable, Sendable {
        /// Which lines.
        public var lines: LinePattern
        /// Entries that the device itself keeps last.
        public var last: LinePattern?
        /// Whether entries can be moved by a command. If not, all behind the first difference are taken back and said again.
        public var isMovable: Bool

        /// An order.
        public init(_ lines: LinePattern, last: LinePattern? = nil, isMovable: Bool = false) {
            self.lines = lines
            self.last = last
            self.isMovable = isMovable
        }
    }

    /// Lines whose change takes siblings away.
    public struct Reset: Codable, Hashable, Sendable {
        /// The lines that change.
        public var lines: LinePattern
        /// The siblings that have to be said again.
        public var takesAway: [LinePattern]

        /// A reset.
        public init(_ lines: LinePattern, takesAway: [LinePattern]) {
            self.lines = lines
            self.takesAway = takesAway
        }
    }

    /// What tells entries of a menu from each other.
    public struct EntryKey: Codable, Hashable, Sendable {
        /// The menu: `/ip address`.
        public var menu: String
        /// The names of the values.
        public var names: [String]

        /// A key.
        public init(_ menu: String, _ names: [String]) {
            self.menu = menu
            self.names = names
        }
    }

    /// A dialect without rules.
    public init(name: String, syntax: ConfigSyntax) {
        self.name = name
        self.syntax = syntax
        negation = "no"
        sectionExit = "exit"
        sectionExits = []
        adjoining = []
        sections = []
        lasting = []
        negations = []
        groups = []
        replacing = []
        exchanged = []
        defaults = []
        toggles = []
        rewritten = []
        recreated = []
        ordered = []
        numbered = []
        definitions = []
        resets = []
        continued = []
        expanded = []
        unique = []
        partial = []
        entryKeys = []
    }

    /// The dialect of a platform that is known here, or nil.
    public static func builtIn(named name: String) -> ConfigDialect? {
        builtIns.first { $0.name == name }
    }
}

extension ConfigDialect: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, syntax, negation, sectionExit, sectionExits, adjoining, sections, lasting, negations, groups,
            replacing
        case exchanged, defaults
        case toggles, rewritten, recreated, ordered, numbered, definitions, resets, continued, expanded, unique, partial
        case entryKeys
    }

    /// Reads a dialect; only its name and its syntax have to be there.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            syntax: try values.decode(ConfigSyntax.self, forKey: .syntax))
        func read<Value: Decodable>(_ path: WritableKeyPath<Self, Value>, _ key: CodingKeys) throws {
            if let value = try values.decodeIfPresent(Value.self, forKey: key) { self[keyPath: path] = value }
        }
        try read(\.negation, .negation)
        try read(\.sectionExit, .sectionExit)
        try read(\.sectionExits, .sectionExits)
        try read(\.adjoining, .adjoining)
        try read(\.sections, .sections)
        try read(\.lasting, .lasting)
        try read(\.negations, .negations)
        try read(\.groups, .groups)
        try read(\.replacing, .replacing)
        try read(\.exchanged, .exchanged)
        try read(\.defaults, .defaults)
        try read(\.toggles, .toggles)
        try read(\.rewritten, .rewritten)
        try read(\.recreated, .recreated)
        try read(\.ordered, .ordered)
        try read(\.numbered, .numbered)
        try read(\.definitions, .definitions)
        try read(\.resets, .resets)
        try read(\.continued, .continued)
        try read(\.expanded, .expanded)
        try read(\.unique, .unique)
        try read(\.partial, .partial)
        try read(\.entryKeys, .entryKeys)
    }
}
