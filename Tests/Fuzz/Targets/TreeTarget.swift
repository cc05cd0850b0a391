#if DEBUG
@testable import ConfigTrees

/// Configurations of network platforms.
extension FuzzTarget {
    /// Two configurations, behind a byte that chooses the platform.
    static func leadTrees(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let choice = bytes.first else { return }
        let dialect = ConfigDialect.builtIns[Int(choice) % ConfigDialect.builtIns.count]
        let trees = try parts(Array(bytes.dropFirst()), 2).map { part throws(BrokenPromise) -> ConfigTree? in
            let text = String(decoding: part, as: UTF8.self)
            let lines = part.count { $0 == UInt8(ascii: "\n") } + 1
            do {
                let tree = try ConfigTree(parsing: text, syntax: dialect.syntax)
                try promise(
                    (try? ConfigTree(parsing: text, syntax: dialect.syntax)) == tree, "read twice, it is another tree")
                return tree
            } catch let error as ConfigTreeError {
                try promise(1...lines ~= error.line, "a complaint about line \(error.line) of \(lines)")
                return nil
            } catch let error as BrokenPromise {
                throw error
            } catch {
                return nil
            }
        }
        guard let old = trees[0], let new = trees[1] else { return }
        for (from, to) in [(old, new), (new, old), (old, old)] {
            let commands = Remediation.commands(from: from, to: to, dialect: dialect)
            if TreeDiff(from: from, to: to, dialect: dialect).isEmpty {
                try promise(commands.isEmpty, "nothing differs, and yet there is to do: \(commands)")
            }
            // A model of the platform may refuse what no platform would show; it must not crash.
            _ = try? from.applying(commands, dialect: dialect)
        }
    }
}
#endif
