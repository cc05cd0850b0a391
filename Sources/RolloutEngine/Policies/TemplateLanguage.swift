/// What templates are made of: a strict part of Stencil, in which nothing undefined passes unseen.
enum TemplateLanguage {
    /// Words that mean something in a template, so that no variable may be named so. Stencil reads `inf` and `nan` as
    /// numbers.
    static let reservedWords: Set<String> = [
        "and", "or", "not", "in", "if", "ifnot", "else", "elif", "endif", "for", "endfor", "empty", "where", "forloop",
        "true", "false", "inf", "infinity", "nan", "name", "hostname", "address", "range", "datacentre", "platform",
    ]

    /// Operators of `{% if %}`.
    static let operators: Set<String> = ["and", "or", "not", "in", "==", "!=", "<", "<=", ">", ">=", "(", ")"]

    /// Filters that change a value and have no way to take much time or memory.
    static let filters = ["capitalize", "default", "join", "lowercase", "split", "uppercase"]

    /// What may follow a dot. Stencil's `last` traps on an empty list.
    static let members: Set<String> = ["first", "count", "counter", "counter0", "last", "length"]

    /// Opens something that must have been rendered.
    static let markers = ["{{", "{%", "{#"]

    /// What templates may use of a device: its fields and its variables.
    static func context(of device: Device) -> [String: Variable] {
        var context = device.variables
        context["name"] = .text(device.name.rawValue)
        context["hostname"] = .text(device.hostname)
        context["address"] = .text(device.address)
        context["range"] = .text(device.range.rawValue)
        context["datacentre"] = .text(device.datacentre.rawValue)
        context["platform"] = .text(device.platform.rawValue)
        return context
    }
}

/// What is wrong with a template, or with what it is given.
struct TemplateProblem: Error {
    /// The line of the template, from 1.
    var line: Int
    var message: String
    var remedy: String?
}
