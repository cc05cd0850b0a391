/// The way from one configuration to another.
public enum Remediation {
    /// The fewest commands that lead a device from one configuration to another, as a person would type them in configuration
    /// mode; none if both say the same.
    ///
    /// What others refer to is made before and taken away after them. Lines in a section are indented by one blank for each
    /// section; those of a banner are not. The way back is the same with both sides exchanged.
    public static func commands(from old: ConfigTree, to new: ConfigTree, dialect: ConfigDialect) -> [String] {
        commands(from: old, to: new, rules: DialectRules(dialect))
    }

    /// The same, by a dialect that was made ready before.
    package static func commands(from old: ConfigTree, to new: ConfigTree, rules: DialectRules) -> [String] {
        let dialect = rules.dialect
        let before = old.normal(for: dialect)
        let after = new.normal(for: dialect)
        let level = TreeComparison(rules: rules).compare(before, after, in: [])
        switch dialect.syntax.family {
        case .indented: return LineRemediation(rules: rules).commands(level, from: before, to: after)
        case .paths: return PathRemediation(rules: rules).commands(level).map { $0.text(dialect.syntax) }
        case .menus: return MenuRemediation(dialect: dialect).commands(level, from: before)
        }
    }
}
