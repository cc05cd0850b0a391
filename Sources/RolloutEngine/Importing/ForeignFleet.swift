/// A value of another tool's inventory, with its place.
///
/// Its plain scalars mean what they mean in our inventories: whoever reads another tool's file turns its own words for
/// numbers and flags into ours.
struct ForeignValue: Sendable {
    let node: YAMLNode
    let file: String

    var location: SourceLocation { SourceLocation(file: file, line: node.line, column: node.column) }

    /// The text of a scalar; nil for anything else.
    var text: String? {
        if case .scalar(let text, _) = node.content { text } else { nil }
    }

    /// Whether both say the same, wherever they stand. Nobody can tell of encrypted values.
    func isSame(as other: ForeignValue) -> Bool { Self.areSame(node, other.node) }

    private static func areSame(_ left: YAMLNode, _ right: YAMLNode) -> Bool {
        switch (left.content, right.content) {
        case (.null, .null): true
        case (.scalar(let one, _), .scalar(let other, _)): one == other
        case (.list(let one), .list(let other)): one.count == other.count && zip(one, other).allSatisfy(areSame)
        case (.map(let one), .map(let other)):
            one.count == other.count
                && zip(one, other).allSatisfy { $0.key == $1.key && areSame($0.value, $1.value) }
        default: false
        }
    }
}

/// The variables of one level, by key.
typealias ForeignVariables = [String: ForeignValue]

/// What the inventory of another tool says, once its own rules were followed.
struct ForeignFleet: Sendable {
    /// What several hosts have in common.
    struct Group: Sendable {
        let name: String
        let location: SourceLocation
        var variables: ForeignVariables
        /// The groups that it is directly a part of.
        var parents: Set<String>
    }

    /// What somebody wants to change, or reach.
    struct Host: Sendable {
        let name: String
        let location: SourceLocation
        /// Every group that it is in, directly or not: a later one wins over an earlier one.
        var groups: [String]
        /// What holds for it in the end.
        var variables: ForeignVariables
    }

    /// Something that is not taken over as a whole.
    struct Omission: Hashable, Codable, Sendable {
        let name: String
        let location: SourceLocation
        let reason: String
    }

    /// What holds for every host unless something else says otherwise.
    var defaults: ForeignVariables = [:]
    var groups: [Group] = []
    var hosts: [Host] = []
    /// Hosts that cannot be devices, and files that cannot be read because they are encrypted.
    var omissions: [Omission] = []
}
