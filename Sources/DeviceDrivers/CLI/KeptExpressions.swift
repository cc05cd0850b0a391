import Synchronization

/// Expressions that were compiled once: the interfaces of a fleet have few names, and each of its devices is read several times.
enum KeptExpressions {
    private static let shelf = Mutex<[String: LineExpression]>([:])
    /// Some kilobytes each.
    private static let most = 4096

    /// The expression of a pattern.
    static func expression(_ pattern: String) throws(LineExpression.Mistake) -> LineExpression {
        if let known = shelf.withLock({ $0[pattern] }) { return known }
        let compiled = try LineExpression(pattern)
        shelf.withLock { shelf in
            if shelf.count >= most { shelf = [:] }
            shelf[pattern] = compiled
        }
        return compiled
    }
}
