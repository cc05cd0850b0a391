extension ConfigTree {
    /// What a device with this configuration should show once commands were typed.
    ///
    /// A model of the platform as far as its dialect tells: for previews, and to hold remediations to their promise. Of a line
    /// and its negation the device shows what was typed if the dialect calls them toggles; else a negation only takes away.
    ///
    /// - Throws: `ConfigTreeError` with the number of the command, if it cannot be read or if a device would refuse it.
    public func applying(_ commands: [String], dialect: ConfigDialect) throws(ConfigTreeError) -> ConfigTree {
        try applying(commands, rules: DialectRules(dialect))
    }

    /// The same, by a dialect that was made ready before.
    package func applying(_ commands: [String], rules: DialectRules) throws(ConfigTreeError) -> ConfigTree {
        let dialect = rules.dialect
        var tree = self
        switch dialect.syntax.family {
        case .indented:
            let read = try rules.reader.read(commands.joined(separator: "\n"))
            try LineApplying(rules: rules).apply(read, to: &tree.nodes)
        case .paths:
            try PathApplying(rules: rules).apply(commands, to: &tree.nodes)
        case .menus:
            tree.nodes = try MenuApplying(dialect: dialect).apply(commands, to: tree.nodes)
        }
        return tree
    }
}
