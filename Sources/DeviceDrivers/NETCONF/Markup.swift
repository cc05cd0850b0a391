/// One element of XML: its name by namespace, its attributes, and either text or elements in it.
///
/// Comments, processing instructions, prefixes and the white space between elements are gone: two writings of the same are
/// equal. Values that are names with a prefix (YANG's identityref) keep the prefix as the peer wrote it.
package struct Markup: Hashable, Sendable {
    /// The namespace's URI; empty when there is none.
    package var namespace: String
    /// The local name.
    package var name: String
    /// The attributes, sorted by namespace and name.
    package var attributes: [Attribute]
    /// The text of an element without elements in it.
    package var text: String
    /// The elements in it, in their order.
    package var children: [Markup]

    /// One attribute.
    package struct Attribute: Hashable, Sendable {
        /// The namespace's URI; empty for most.
        package var namespace: String
        /// The local name.
        package var name: String
        /// The value.
        package var value: String

        package init(_ name: String, _ value: String, namespace: String = "") {
            self.name = name
            self.value = value
            self.namespace = namespace
        }
    }

    /// An element.
    package init(
        _ name: String, in namespace: String, attributes: [Attribute] = [], text: String = "", _ children: [Markup] = []
    ) {
        self.namespace = namespace
        self.name = name
        self.attributes = attributes.sorted {
            ($0.namespace, $0.name) < ($1.namespace, $1.name)
        }
        self.text = text
        self.children = children
    }

    /// The first element in it with a name, in its own namespace unless another one is given.
    package func child(_ name: String, in namespace: String? = nil) -> Markup? {
        children.first { $0.name == name && $0.namespace == namespace ?? self.namespace }
    }

    /// The value of an attribute.
    package func attribute(_ name: String, in namespace: String = "") -> String? {
        attributes.first { $0.name == name && $0.namespace == namespace }?.value
    }

    /// The text without white space around it: what a value means.
    package var value: String {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    // MARK: Writing

    /// The element in one line, without white space between elements.
    package var xml: String {
        var text = ""
        write(into: &text, under: nil)
        return text
    }

    /// The element in lines that are equal exactly when two elements mean the same, and that can be read again: one line an
    /// element, indented by its depth, namespaces where they change, attributes sorted.
    ///
    /// YANG gives no meaning to the order of elements of different names, only to that of one name, which is kept.
    ///
    /// - Parameter keys: Names that stand first, in this order: NETCONF wants the keys of a list before all else.
    package func canonicalLines(keys: [String]) -> [String] {
        var lines: [String] = []
        sorted(keys: keys).writeLines(into: &lines, depth: 0, under: nil)
        return lines
    }

    /// With the elements in it in the order of `canonicalLines`.
    private func sorted(keys: [String]) -> Markup {
        var result = self
        let ranked = children.enumerated().map {
            (offset: $0.offset, rank: keys.firstIndex(of: $0.element.name), $0.element)
        }
        result.children = ranked.sorted { left, right in
            if left.rank != right.rank { return left.rank ?? .max < right.rank ?? .max }
            let names = ((left.2.namespace, left.2.name), (right.2.namespace, right.2.name))
            return names.0 != names.1 ? names.0 < names.1 : left.offset < right.offset
        }.map { $0.2.sorted(keys: keys) }
        return result
    }

    private func writeLines(into lines: inout [String], depth: Int, under parent: String?) {
        let indent = String(repeating: " ", count: depth)
        if children.isEmpty {
            var line = indent
            write(into: &line, under: parent)
            lines.append(line)
            return
        }
        var line = indent
        open(into: &line, under: parent)
        lines.append(line + ">")
        for child in children { child.writeLines(into: &lines, depth: depth + 1, under: namespace) }
        lines.append("\(indent)</\(name)>")
    }

    private func write(into text: inout String, under parent: String?) {
        open(into: &text, under: parent)
        if children.isEmpty && self.text.isEmpty {
            text += "/>"
            return
        }
        text += ">"
        for child in children { child.write(into: &text, under: namespace) }
        if children.isEmpty { text += Self.escaped(self.text) }
        text += "</\(name)>"
    }

    private func open(into text: inout String, under parent: String?) {
        text += "<\(name)"
        if namespace != parent ?? "" { text += " xmlns=\"\(Self.escaped(namespace))\"" }
        for (index, attribute) in attributes.enumerated() {
            if attribute.namespace.isEmpty {
                text += " \(attribute.name)=\"\(Self.escaped(attribute.value))\""
            } else {
                text += " xmlns:n\(index)=\"\(Self.escaped(attribute.namespace))\""
                text += " n\(index):\(attribute.name)=\"\(Self.escaped(attribute.value))\""
            }
        }
    }

    /// Text as it may stand in an element or an attribute. `>` too, so that no message holds `]]>`.
    private static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): result += "&amp;".utf8
            case UInt8(ascii: "<"): result += "&lt;".utf8
            case UInt8(ascii: ">"): result += "&gt;".utf8
            case UInt8(ascii: "\""): result += "&quot;".utf8
            case 9, 10, 13: result += "&#\(byte);".utf8
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Whether XML counts a byte as white space.
func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
