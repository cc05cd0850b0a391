/// Expressions of which each line of an output is asked whether it holds any.
///
/// Most stand for the beginning of a line, and most lines begin otherwise: the first byte of a line tells whether any is worth asking.
struct LineExpressionSet: Sendable {
    private let all: [LineExpression]
    /// For each first byte of a line, whether it could hold one.
    private let mayHold: [Bool]

    init(_ expressions: [LineExpression]) {
        all = expressions
        mayHold = (0...255).map { byte in expressions.contains { $0.mayBeFound(inLineWith: byte) } }
    }

    /// Whether a line holds one of them.
    func isFound(in line: String) -> Bool {
        if let first = line.utf8.first, !mayHold[Int(first)] { return false }
        return all.contains { $0.isFound(in: line) }
    }
}
