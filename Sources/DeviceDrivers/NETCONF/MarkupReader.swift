/// Reads one XML document into elements, as far as NETCONF allows XML (RFC 6241, section 3): UTF-8, no document type.
///
/// Whatever the bytes are, it takes time linear in them and ends with an element or a reason. Without a document type there
/// are no entities to expand and nothing to fetch. The size is the caller's to limit.
package struct MarkupReader {
    /// The deepest nesting.
    package static let deepest = 64
    /// The most attributes of one element, and the most prefixes known at one place.
    package static let mostNames = 256

    private static let xmlNamespace = "http://www.w3.org/XML/1998/namespace"

    private let bytes: [UInt8]
    private var at = 0
    private var open: [Open] = []
    private var prefixes: [(prefix: String, uri: String)] = [
        ("xml", MarkupReader.xmlNamespace), ("", ""),
    ]

    /// An element whose end was not yet read.
    private struct Open {
        var element: Markup
        var qualifiedName: String
        var text: [UInt8] = []
        /// How many prefixes were known outside of it.
        var prefixCount: Int
    }

    /// The document's element.
    ///
    /// - Throws: `NETCONFGarbled` that names the line.
    package static func read(_ bytes: [UInt8]) throws(NETCONFGarbled) -> Markup {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw NETCONFGarbled("it is not UTF-8") }
        var reader = MarkupReader(bytes: bytes)
        do throws(NETCONFGarbled) {
            return try reader.document()
        } catch {
            let line = bytes[..<min(reader.at, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
            throw NETCONFGarbled("\(error.what) (line \(line))")
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    // MARK: The document

    private mutating func document() throws(NETCONFGarbled) -> Markup {
        if stands("\u{feff}") { at += 3 }
        // XML allows nothing before the declaration, but some peers begin with an empty line.
        skipSpace()
        if stands("<?xml"), at + 5 < bytes.count, isSpace(bytes[at + 5]) { try declaration() }
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "<") {
                try text()
            } else if stands("<!--") {
                try comment()
            } else if stands("<?") {
                try skip(to: "?>", "a processing instruction")
            } else if stands("<![CDATA["), !open.isEmpty {
                try characterData()
            } else if stands("<!") {
                throw NETCONFGarbled("it has a document type or another declaration, which NETCONF forbids")
            } else if stands("</") {
                guard let root = try endTag() else { continue }
                return try lastWords(after: root)
            } else if let root = try startTag() {
                return try lastWords(after: root)
            }
        }
        throw NETCONFGarbled(open.last.map { "it ends within <\($0.qualifiedName.prefix(60))>" } ?? "it has no element")
    }

    /// Nothing but comments, instructions and space may follow the document's element.
    private mutating func lastWords(after root: Markup) throws(NETCONFGarbled) -> Markup {
        while at < bytes.count {
            if isSpace(bytes[at]) {
                at += 1
            } else if stands("<!--") {
                try comment()
            } else if stands("<?") {
                try skip(to: "?>", "a processing instruction")
            } else {
                throw NETCONFGarbled("something follows the end of the document")
            }
        }
        return root
    }

    private mutating func declaration() throws(NETCONFGarbled) {
        let start = at
        try skip(to: "?>", "the XML declaration")
        let text = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
        guard text.contains("encoding") else { return }
        guard text.contains("\"utf-8\"") || text.contains("'utf-8'") else {
            throw NETCONFGarbled("its encoding is not UTF-8")
        }
    }

    private mutating func comment() throws(NETCONFGarbled) {
        at += 4
        try skip(to: "--", "a comment")
        guard at < bytes.count, bytes[at] == UInt8(ascii: ">") else { throw NETCONFGarbled("'--' stands in a comment") }
        at += 1
    }

    // MARK: Elements

    /// The element itself when it is the document's and empty.
    private mutating func startTag() throws(NETCONFGarbled) -> Markup? {
        at += 1
        guard open.count < Self.deepest else { throw NETCONFGarbled("elements are nested too deep") }
        if let parent = open.last, !parent.text.isEmpty {
            guard parent.text.allSatisfy(isSpace) else { throw mixed(parent) }
            open[open.count - 1].text = []
        }
        let qualifiedName = try self.name()
        let prefixCount = prefixes.count
        var written: [(name: String, value: String)] = []
        while try !tagEnds() {
            let attribute = try self.attribute()
            guard written.count < Self.mostNames else { throw NETCONFGarbled("an element has too many attributes") }
            if attribute.name == "xmlns" {
                try declare("", attribute.value)
            } else if attribute.name.hasPrefix("xmlns:") {
                try declare(String(attribute.name.dropFirst(6)), attribute.value)
            } else {
                written.append(attribute)
            }
        }
        let own = try expanded(qualifiedName, isAttribute: false)
        var attributes: [Markup.Attribute] = []
        for (writtenName, value) in written {
            let (namespace, name) = try expanded(writtenName, isAttribute: true)
            guard !attributes.contains(where: { isSame($0.name, name) && isSame($0.namespace, namespace) }) else {
                throw NETCONFGarbled("an attribute stands twice")
            }
            attributes.append(Markup.Attribute(name, value, namespace: namespace))
        }
        let element = Markup(own.name, in: own.namespace, attributes: attributes)
        if bytes[at] == UInt8(ascii: "/") {
            at += 2
            prefixes.removeLast(prefixes.count - prefixCount)
            return close(element)
        }
        at += 1
        open.append(Open(element: element, qualifiedName: qualifiedName, prefixCount: prefixCount))
        return nil
    }

    /// The element itself when it is the document's.
    private mutating func endTag() throws(NETCONFGarbled) -> Markup? {
        at += 2
        let name = try self.name()
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: ">") else { throw NETCONFGarbled("an end tag has no end") }
        at += 1
        guard let last = open.popLast(), isSame(last.qualifiedName, name) else {
            throw NETCONFGarbled("</\(name.prefix(60))> ends what did not begin")
        }
        prefixes.removeLast(prefixes.count - last.prefixCount)
        var element = last.element
        if !last.text.allSatisfy(isSpace) {
            guard element.children.isEmpty else { throw mixed(last) }
            element.text = String(decoding: last.text, as: UTF8.self)
        }
        return close(element)
    }

    private mutating func close(_ element: Markup) -> Markup? {
        if open.isEmpty { return element }
        open[open.count - 1].element.children.append(element)
        return nil
    }

    /// Whether the tag ends here, with `>` or `/>`, which is left to read.
    private mutating func tagEnds() throws(NETCONFGarbled) -> Bool {
        let start = at
        skipSpace()
        guard at < bytes.count else { throw NETCONFGarbled("a tag has no end") }
        if bytes[at] == UInt8(ascii: ">") || stands("/>") { return true }
        guard at > start else { throw NETCONFGarbled("no space stands before an attribute") }
        return false
    }

    private mutating func attribute() throws(NETCONFGarbled) -> (name: String, value: String) {
        let name = try self.name()
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else {
            throw NETCONFGarbled("an attribute has no value")
        }
        at += 1
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else {
            throw NETCONFGarbled("the value of an attribute has no quotes")
        }
        let quote = bytes[at]
        at += 1
        var value: [UInt8] = []
        while at < bytes.count, bytes[at] != quote {
            switch bytes[at] {
            case UInt8(ascii: "<"): throw NETCONFGarbled("'<' stands in an attribute")
            case UInt8(ascii: "&"): try reference(into: &value)
            case let byte:
                try check(byte)
                value.append(isSpace(byte) ? 32 : byte)
                at += 1
            }
        }
        guard at < bytes.count else { throw NETCONFGarbled("the value of an attribute has no end") }
        at += 1
        return (name, String(decoding: value, as: UTF8.self))
    }

    // MARK: Text

    private mutating func text() throws(NETCONFGarbled) {
        guard !open.isEmpty else {
            guard isSpace(bytes[at]) else { throw NETCONFGarbled("text stands outside of the document") }
            at += 1
            return
        }
        var text: [UInt8] = []
        while at < bytes.count, bytes[at] != UInt8(ascii: "<") {
            if bytes[at] == UInt8(ascii: "&") {
                try reference(into: &text)
                continue
            }
            if bytes[at] == UInt8(ascii: "]"), stands("]]>") { throw NETCONFGarbled("']]>' stands in text") }
            try add(to: &text)
        }
        open[open.count - 1].text += text
    }

    private mutating func characterData() throws(NETCONFGarbled) {
        at += 9
        var text: [UInt8] = []
        while !stands("]]>") {
            guard at < bytes.count else { throw NETCONFGarbled("character data have no end") }
            try add(to: &text)
        }
        at += 3
        open[open.count - 1].text += text
    }

    /// One byte of text; every end of a line is a line feed.
    private mutating func add(to text: inout [UInt8]) throws(NETCONFGarbled) {
        let byte = bytes[at]
        try check(byte)
        at += 1
        guard byte == 13 else { return text.append(byte) }
        text.append(10)
        if at < bytes.count, bytes[at] == 10 { at += 1 }
    }

    private mutating func reference(into text: inout [UInt8]) throws(NETCONFGarbled) {
        let known: [(StaticString, UInt8)] = [
            ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
            ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
        ]
        if let (word, byte) = known.first(where: { stands($0.0) }) {
            at += word.utf8CodeUnitCount
            return text.append(byte)
        }
        let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) ?? at
        let word = String(decoding: bytes[at..<end], as: UTF8.self)
        let digits = word.hasPrefix("&#x") ? word.dropFirst(3) : word.dropFirst(2)
        guard word.hasPrefix("&#"), digits.utf8.first != UInt8(ascii: "+"), digits.utf8.first != UInt8(ascii: "-"),
            let number = UInt32(digits, radix: word.hasPrefix("&#x") ? 16 : 10), let scalar = Unicode.Scalar(number),
            number >= 32 || [9, 10, 13].contains(number), number != 0xfffe, number != 0xffff
        else { throw NETCONFGarbled("it refers to an entity or a character that does not exist") }
        text += String(Character(scalar)).utf8
        at = end + 1
    }

    private func check(_ byte: UInt8) throws(NETCONFGarbled) {
        guard byte >= 32 || isSpace(byte) else { throw NETCONFGarbled("it holds the control character \(byte)") }
    }

    // MARK: Names

    private mutating func name() throws(NETCONFGarbled) -> String {
        let start = at
        while at < bytes.count, Self.isNameByte(bytes[at]) { at += 1 }
        guard let first = bytes[start..<at].first, !Self.isInnerByte(first) else {
            throw NETCONFGarbled("a name is missing")
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: true
        case UInt8(ascii: "_"), UInt8(ascii: ":"): true
        default: isInnerByte(byte)
        }
    }

    /// What may stand in a name, but not at its start.
    private static func isInnerByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private mutating func declare(_ prefix: String, _ uri: String) throws(NETCONFGarbled) {
        guard prefix.isEmpty || !uri.isEmpty, prefix != "xml", prefix != "xmlns", !prefix.contains(":") else {
            throw NETCONFGarbled("a prefix is declared that may not be")
        }
        guard prefixes.count < Self.mostNames else { throw NETCONFGarbled("too many prefixes are declared") }
        prefixes.append((prefix, uri))
    }

    /// The namespace of a name and its local part. An attribute without prefix is in no namespace.
    private func expanded(_ name: String, isAttribute: Bool) throws(NETCONFGarbled) -> (namespace: String, name: String)
    {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw NETCONFGarbled("'\(name.prefix(60))' is not a name")
        }
        if parts.count == 1 && isAttribute { return ("", name) }
        let prefix = parts.count == 1 ? "" : parts[0]
        guard let found = prefixes.last(where: { $0.prefix == prefix }) else {
            throw NETCONFGarbled("the prefix of '\(name.prefix(60))' has no namespace")
        }
        return (found.uri, String(parts[parts.count - 1]))
    }

    // MARK: Small things

    private func stands(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes.count - at >= $0.count && bytes[at..<at + $0.count].elementsEqual($0) }
    }

    private mutating func skip(to end: StaticString, _ what: String) throws(NETCONFGarbled) {
        while !stands(end) {
            guard at < bytes.count else { throw NETCONFGarbled("\(what) has no end") }
            at += 1
        }
        at += end.utf8CodeUnitCount
    }

    private mutating func skipSpace() {
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    }

    private func mixed(_ element: Open) -> NETCONFGarbled {
        NETCONFGarbled("text stands beside elements in <\(element.qualifiedName.prefix(60))>")
    }
}

/// Whether two texts are the same to the byte. `==` takes é for an e with an accent behind it.
func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
