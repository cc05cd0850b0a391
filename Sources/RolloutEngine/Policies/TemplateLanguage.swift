/// What templates are made of.
enum TemplateLanguage {
    /// Words that mean something to the template language, so that no variable may be named so. Stencil reads `inf` and
    /// `nan` as numbers.
    static let reservedWords: Set<String> = [
        "and", "or", "not", "in", "if", "else", "elif", "endif", "for", "endfor", "empty", "where", "forloop", "true",
        "false", "inf", "infinity", "nan", "block", "self",
    ]
}
