import Synchronization

/// Expressions that were compiled once: the interfaces of a fleet have few names, and each of its devices is read several times.
enum KeptExpressions {
    private static let shelf = Mutex<[String: LineExpression]>([:])
    private static let most = 4096
    /// Longer ones are none of ours: they take room as their length goes.
    private static let longest = 1000

    /// The expression of a pattern.
    static func expression(_ pattern: String) throws(LineExpression.Mistake) -> LineExpression {
        if let known = shelf.withLock({ $0[pattern] }) { return known }
        let compiled = try LineExpression(pattern)
        guard pattern.utf8.count <= longest else { return compiled }
        shelf.withLock { shelf in
            if shelf.count >= most { shelf = [:] }
            shelf[pattern] = compiled
        }
        return compiled
    }
}
