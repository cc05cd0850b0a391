/// Text of which every byte counts: to a device, two ways to write é are two names, while Swift takes them for the same.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (a: ExactText, b: ExactText) -> Bool {
        a.text.utf8.elementsEqual(b.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }
}

extension String {
    /// What stands between blanks. Blanks are found as bytes: what follows one cannot hide it.
    var words: [Substring] {
        utf8.split(separator: UInt8(ascii: " ")).map(Substring.init)
    }

    var firstWord: Substring {
        Substring(utf8.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") })
    }

    func isExactly(_ other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
