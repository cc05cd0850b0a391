import Stencil

/// A template that renders completely or not at all: an undefined variable, a missing item, a list where a value is
/// wanted or a text where a list is wanted are errors. Stencil alone renders them as nothing.
///
/// Values are data: what they hold is never read as a template. Text and plain variables, which is most templates, are
/// rendered without Stencil.
struct StrictTemplate {
    private enum Form {
        case plain([Part])
        case nodes([any NodeType], Environment, lines: [ObjectIdentifier: Int], LoopRounds)
    }

    private enum Part {
        case text(String)
        case variable(String, line: Int)
    }

    /// A variable that every rendering needs, with the line that first names it.
    struct Need {
        let variable: String
        let line: Int
    }

    private let form: Form
    /// The variables from outside that it needs.
    let needs: [Need]

    /// How large a template, and what comes of it, may be: 1 MiB.
    static let sizeLimit = 1 << 20

    /// Reads a template.
    ///
    /// - Throws: `TemplateProblem` for anything that would not render in full.
    init(_ text: String) throws(TemplateProblem) {
        guard text.utf8.count <= Self.sizeLimit else {
            throw TemplateProblem(line: 1, message: "the template is larger than 1 MiB")
        }
        guard text.contains("{") else {
            form = .plain(text.isEmpty ? [] : [.text(text)])
            needs = []
            return
        }
        var compiler = TemplateCompiler()
        let tags = try TemplateTags(text)
        for piece in tags.pieces { try compiler.add(piece) }
        try compiler.finish()
        needs = compiler.needs
        form =
            if let parts = Self.plainParts(tags.pieces) { .plain(parts) } else {
                .nodes(try compiler.nodes(), compiler.environment, lines: compiler.lines, compiler.rounds)
            }
    }

    private static func plainParts(_ pieces: [TemplateTags.Piece]) -> [Part]? {
        var parts: [Part] = []
        for piece in pieces {
            switch piece {
            case .text(let text): parts.append(.text(text))
            case .tag(.comment, _, _): continue
            case .tag(.variable, let content, let line) where TemplateExpression.isIdentifier(content):
                parts.append(.variable(content, line: line))
            case .tag: return nil
            }
        }
        return parts
    }

    /// Renders it.
    ///
    /// - Throws: `TemplateProblem` that names the variable, when something is undefined or of the wrong kind.
    func render(_ context: [String: Variable]) throws(TemplateProblem) -> String {
        for need in needs where context[need.variable] == nil {
            throw TemplateProblem(
                line: need.line, message: "undefined variable \(excerpt(need.variable))",
                remedy: suggestion(for: need.variable, among: context.keys.sorted(), noun: "defined"))
        }
        switch form {
        case .plain(let parts):
            var result = ""
            for part in parts {
                switch part {
                case .text(let text): result += text
                case .variable(let name, let line):
                    guard let value = context[name] else { continue }
                    if case .list = value { throw Self.isList(name, line: line) }
                    result += value.description
                }
            }
            return result
        case .nodes(let nodes, let environment, let lines, let rounds):
            rounds.left = LoopRounds.limit
            do {
                let values = context.mapValues(Self.bridged)
                let result = try renderNodes(nodes, Context(dictionary: values, environment: environment))
                guard result.utf8.count <= Self.sizeLimit else {
                    throw TemplateProblem(line: 1, message: "the result is larger than 1 MiB")
                }
                return result
            } catch let problem as TemplateProblem {
                throw problem
            } catch {
                throw TemplateCompiler.problem(error, lines: lines)
            }
        }
    }

    private static func isList(_ name: String, line: Int) -> TemplateProblem {
        TemplateProblem(
            line: line, message: "variable \(excerpt(name)) is a list where one value is wanted",
            remedy: "write {{ \(name)|join:\", \" }} or a {% for %}")
    }

    private static func bridged(_ variable: Variable) -> Any {
        switch variable {
        case .text(let text): text
        case .number(let number): Int(number)
        case .flag(let flag): flag
        case .list(let items): items.map(bridged)
        }
    }
}
