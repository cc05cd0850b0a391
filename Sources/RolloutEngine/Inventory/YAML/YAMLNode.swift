/// A value of a YAML document with the place where it stands.
package struct YAMLNode: Sendable {
    package let content: Content
    package let line: Int
    package let column: Int

    package enum Content: Sendable {
        /// Nothing, `~` or `null`.
        case null
        /// Text, and whether it was written without quotes, so that it may also be a number or a flag.
        case scalar(String, plain: Bool)
        case list([YAMLNode])
        case map([YAMLEntry])
        /// A value that only another tool can decrypt; in inventories of other tools.
        case encrypted
    }

    /// What it is, for complaints.
    package var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text, _): excerpt(text)
        case .list: "a list"
        case .map: "a map"
        case .encrypted: "an encrypted value"
        }
    }

    package var isNull: Bool {
        if case .null = content { true } else { false }
    }
}

/// A key of a map with its value. Keys are text; no key stands twice in one map.
package struct YAMLEntry: Sendable {
    package let key: String
    package let line: Int
    package let column: Int
    package let value: YAMLNode
}
