/// How a platform writes its configuration.
public struct ConfigSyntax: Hashable, Sendable {
    /// How sections are told from what is in them.
    public enum Family: String, Codable, Hashable, Sendable {
        /// By indentation: Cisco, Arista, FRR, Huawei, Nokia's classic CLI.
        case indented
        /// By braces, or not at all in `set` lines with whole paths: Junos, VyOS, Nokia's MD-CLI and SR Linux.
        case paths
        /// By lines that name a menu, followed by commands with `name=value`: RouterOS.
        case menus
    }

    /// A command that goes on over several lines.
    public struct Block: Codable, Hashable, Sendable {
        /// The line it begins with.
        public var begins: LinePattern
        /// The line it ends with. Nil: it ends at the next occurrence of the characters that the word behind `begins` begins with.
        public var ends: String?

        /// A block between two lines, or between delimiters.
        public init(begins: LinePattern, ends: String? = nil) {
            self.begins = begins
            self.ends = ends
        }
    }

    /// Which family of syntaxes it is.
    public var family: Family
    /// What a line begins with that is a comment.
    public var comments: [String]
    /// Lines that say nothing about the configuration: `Building configuration...`.
    public var noise: [LinePattern]
    /// Indented: a line of this alone, from the first column on, ends all sections; what is indented behind it stands in none.
    public var separator: String?
    /// Lines that only end a section.
    public var sectionEnds: [LinePattern]
    /// Commands of several lines.
    public var blocks: [Block]
    /// Paths: what stands before a path that is set, with its blank.
    public var setPrefix: String
    /// Paths: what stands before a path that is deleted, with its blank.
    public var deletePrefix: String
    /// Paths: what a statement in braces ends with: `;`, or nothing where its line ends it.
    public var statementEnd: String
    /// Paths: what encloses words with blanks in `set` lines.
    public var quote: String
    /// Paths: words that stand before a name in one statement, as in `unit 0 { ... }`. Only for printing braces from `set` lines,
    /// which do not tell.
    public var namedWords: [String]

    /// A syntax. What is not said is what most platforms of the family have.
    public init(
        family: Family, comments: [String] = [], noise: [LinePattern] = [], separator: String? = nil,
        sectionEnds: [LinePattern] = [], blocks: [Block] = [], setPrefix: String = "set ",
        deletePrefix: String = "delete ", statementEnd: String = "",
        quote: String = "\"", namedWords: [String] = []
    ) {
        self.family = family
        self.comments = comments
        self.noise = noise
        self.separator = separator
        self.sectionEnds = sectionEnds
        self.blocks = blocks
        self.setPrefix = setPrefix
        self.deletePrefix = deletePrefix
        self.statementEnd = statementEnd
        self.quote = quote
        self.namedWords = namedWords
    }
}

extension ConfigSyntax: Codable {
    private enum CodingKeys: String, CodingKey {
        case family, comments, noise, separator, sectionEnds, blocks, setPrefix, deletePrefix, statementEnd, quote,
            namedWords
    }

    /// Reads a syntax; only its family has to be there.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(family: try values.decode(Family.self, forKey: .family))
        comments = try values.decodeIfPresent([String].self, forKey: .comments) ?? comments
        noise = try values.decodeIfPresent([LinePattern].self, forKey: .noise) ?? noise
        separator = try values.decodeIfPresent(String.self, forKey: .separator)
        sectionEnds = try values.decodeIfPresent([LinePattern].self, forKey: .sectionEnds) ?? sectionEnds
        blocks = try values.decodeIfPresent([Block].self, forKey: .blocks) ?? blocks
        setPrefix = try values.decodeIfPresent(String.self, forKey: .setPrefix) ?? setPrefix
        deletePrefix = try values.decodeIfPresent(String.self, forKey: .deletePrefix) ?? deletePrefix
        statementEnd = try values.decodeIfPresent(String.self, forKey: .statementEnd) ?? statementEnd
        quote = try values.decodeIfPresent(String.self, forKey: .quote) ?? quote
        namedWords = try values.decodeIfPresent([String].self, forKey: .namedWords) ?? namedWords
    }
}
