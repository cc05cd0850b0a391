import Stencil

/// Checks a template's tags and hands them to Stencil with a check behind every value.
struct TemplateCompiler {
    /// The variables from outside that the template needs.
    private(set) var needs: [StrictTemplate.Need] = []
    /// The line of each of Stencil's tokens, for errors while rendering.
    private(set) var lines: [ObjectIdentifier: Int] = [:]
    let environment: Environment
    /// How often its loops may still go round.
    let rounds = LoopRounds()

    private var tokens: [Token] = []
    /// What is open, with the loop variable of each `for`.
    private var open: [(tag: String, variable: String?, line: Int)] = []

    /// Stencil makes its source maps itself; ours have lines of their own.
    private let place = Template(templateString: " ").tokens.first?.sourceMap

    init() { environment = Environment(extensions: [Self.checks(rounds)]) }

    mutating func add(_ piece: TemplateTags.Piece) throws(TemplateProblem) {
        switch piece {
        case .text(let text): append(0) { .text(value: text, at: $0) }
        case .tag(.comment, _, _): break
        case .tag(.variable, let content, let line):
            let expression = try TemplateExpression(content, line: line)
            need(expression, line)
            let value = "\(expression.rewritten)|\(TemplateExpression.singleFilter)"
            append(line) { .variable(value: value, at: $0) }
        case .tag(.block, let content, let line): try addBlock(content, line)
        }
    }

    /// Checks that everything was closed.
    func finish() throws(TemplateProblem) {
        guard let last = open.last else { return }
        throw TemplateProblem(
            line: last.line, message: "{% \(last.tag) %} is never closed", remedy: "expected {% end\(last.tag) %}")
    }

    /// What Stencil makes of it.
    func nodes() throws(TemplateProblem) -> [any NodeType] {
        do {
            return try TokenParser(tokens: tokens, environment: environment).parse()
        } catch {
            throw Self.problem(error, lines: lines)
        }
    }

    private mutating func append(_ line: Int, _ token: (SourceMap) -> Token) {
        guard let place else { return }
        let token = token(place)
        lines[ObjectIdentifier(token)] = line
        tokens.append(token)
    }

    private mutating func need(_ expression: TemplateExpression, _ line: Int) {
        for variable in expression.variables where !isLoopVariable(variable) {
            needs.append(StrictTemplate.Need(variable: variable, line: line))
        }
    }

    private func isLoopVariable(_ name: String) -> Bool {
        open.contains { $0.variable == name || (name == "forloop" && $0.variable != nil) }
    }

    private mutating func addBlock(_ content: String, _ line: Int) throws(TemplateProblem) {
        let words = TemplateExpression.words(content)
        var rewritten = content
        switch words.first {
        case "if", "elif":
            if words[0] == "elif" { try expectOpen("if", for: content, line) }
            rewritten = try words[0] + " " + condition(Array(words.dropFirst()), line)
            if words[0] == "if" { open.append(("if", nil, line)) }
        case "else": try expectOpen("if", for: content, line)
        case "empty": try expectOpen("for", for: content, line)
        case "endif", "endfor":
            try expectOpen(String(content.dropFirst(3)), for: content, line)
            open.removeLast()
        case "for":
            guard words.count == 4, words[2] == "in", TemplateExpression.isIdentifier(words[1]),
                !TemplateLanguage.reservedWords.contains(words[1])
            else {
                throw TemplateProblem(
                    line: line, message: "\(excerpt(content)) cannot be read", remedy: "expected {% for item in list %}"
                )
            }
            let list = try TemplateExpression(words[3], line: line)
            need(list, line)
            rewritten = "for \(words[1]) in \(list.rewritten)|\(TemplateExpression.listFilter)"
            open.append(("for", words[1], line))
        default:
            throw TemplateProblem(
                line: line, message: "unknown tag \(excerpt(words.first ?? ""))",
                remedy: "tags: if, elif, else, endif, for, empty, endfor")
        }
        append(line) { .block(value: rewritten, at: $0) }
    }

    private func expectOpen(_ tag: String, for content: String, _ line: Int) throws(TemplateProblem) {
        guard open.last?.tag != tag else { return }
        throw TemplateProblem(line: line, message: "{% \(content) %} without {% \(tag) … %}")
    }

    private mutating func condition(_ words: [String], _ line: Int) throws(TemplateProblem) -> String {
        guard !words.isEmpty else { throw TemplateProblem(line: line, message: "a condition is missing after if") }
        // Stencil binds `in` more loosely than `and`, `or` and `not`, which nobody would guess.
        for index in words.indices where words[index] == "in" {
            let isAlone =
                (index < 2 || words[index - 2] == "(") && (index + 2 >= words.count || words[index + 2] == ")")
            guard isAlone else {
                throw TemplateProblem(
                    line: line, message: "'in' beside another operator",
                    remedy: "put it into parentheses: (item in list)")
            }
        }
        var rewritten: [String] = []
        for word in words {
            if TemplateLanguage.operators.contains(word) {
                rewritten.append(word)
            } else {
                let expression = try TemplateExpression(word, line: line)
                need(expression, line)
                rewritten.append(expression.rewritten)
            }
        }
        return rewritten.joined(separator: " ")
    }

    /// The filters that throw where Stencil would render nothing.
    private static func checks(_ rounds: LoopRounds) -> Extension {
        let checks = Extension()
        checks.registerFilter(TemplateExpression.strictFilter) { (value: Any?, arguments: [Any?]) in
            guard let value else {
                throw TemplateSyntaxError("\(excerpt(arguments.first.flatMap { $0 as? String } ?? "")) is undefined")
            }
            return value
        }
        checks.registerFilter(TemplateExpression.singleFilter) { (value: Any?) in
            guard let value else { throw TemplateSyntaxError("a value is undefined") }
            if value is [Any] {
                throw TemplateSyntaxError("a list where one value is wanted: add |join:\", \" or a {% for %}")
            }
            return value
        }
        checks.registerFilter(TemplateExpression.listFilter) { (value: Any?) in
            guard let list = value as? [Any] else { throw TemplateSyntaxError("{% for %} needs a list") }
            rounds.left -= list.count
            guard rounds.left >= 0 else {
                throw TemplateSyntaxError("loops go round more than \(LoopRounds.limit) times in all")
            }
            return list
        }
        return checks
    }

    /// What Stencil complains about, with the line.
    static func problem(_ error: any Error, lines: [ObjectIdentifier: Int]) -> TemplateProblem {
        guard let error = error as? TemplateSyntaxError else {
            return TemplateProblem(line: 1, message: "cannot be rendered: \(error)")
        }
        let line = error.token.flatMap { lines[ObjectIdentifier($0)] } ?? 1
        return TemplateProblem(line: line, message: error.reason)
    }
}

/// Bounds the loops of one rendering: a few that are nested go round more often than anybody can wait for.
final class LoopRounds {
    static let limit = 100_000
    var left = limit
}
