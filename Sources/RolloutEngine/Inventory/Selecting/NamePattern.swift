import Foundation

/// What a value is compared with: itself, a glob, a regular expression, or a list of names.
enum NamePattern: Sendable {
    case exact(String)
    case glob(Glob)
    case expression(NSRegularExpression)
    case names(Set<String>, file: String)

    func matches(_ value: String) -> Bool {
        switch self {
        case .exact(let text): text == value
        case .glob(let glob): glob.matches(value)
        case .expression(let expression):
            expression.firstMatch(in: value, range: NSRange(value.startIndex..., in: value)) != nil
        case .names(let names, _): names.contains(value)
        }
    }

    /// A pattern as it is written without quotes.
    init(word: String) {
        self = word.contains { "*?[".contains($0) } ? .glob(Glob(word)) : .exact(word)
    }
}

/// A pattern with `*` for anything, `?` for one character and `[a-c0-9]` for one of some.
struct Glob: Sendable {
    private enum Part: Sendable {
        case literal(UInt8)
        case one
        case many
        case oneOf([ClosedRange<UInt8>])
    }

    private let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x2a: parts.append(.many)
            case 0x3f: parts.append(.one)
            case 0x5b:
                guard let close = rest.firstIndex(of: 0x5d), close > rest.startIndex else {
                    parts.append(.literal(byte))
                    continue
                }
                parts.append(.oneOf(Self.ranges(rest[..<close])))
                rest = rest[(close + 1)...]
            default: parts.append(.literal(byte))
            }
        }
        self.parts = parts
    }

    private static func ranges(_ bytes: ArraySlice<UInt8>) -> [ClosedRange<UInt8>] {
        var ranges: [ClosedRange<UInt8>] = []
        var rest = bytes
        while let first = rest.popFirst() {
            if rest.first == 0x2d, let last = rest.dropFirst().first, last >= first {
                ranges.append(first...last)
                rest = rest.dropFirst(2)
            } else {
                ranges.append(first...first)
            }
        }
        return ranges
    }

    /// Whether a text fits as a whole. Takes at most the product of both lengths.
    func matches(_ text: String) -> Bool {
        var copy = text
        return copy.withUTF8 { bytes in
            var (part, byte) = (0, 0)
            var lastMany: (part: Int, byte: Int)?
            while byte < bytes.count {
                if part < parts.count, case .many = parts[part] {
                    lastMany = (part, byte)
                    part += 1
                } else if part < parts.count, fits(parts[part], bytes[byte]) {
                    part += 1
                    byte += 1
                } else if let many = lastMany {
                    lastMany = (many.part, many.byte + 1)
                    (part, byte) = (many.part + 1, many.byte + 1)
                } else {
                    return false
                }
            }
            return parts[part...].allSatisfy { if case .many = $0 { true } else { false } }
        }
    }

    private func fits(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .literal(let literal): literal == byte
        case .one: true
        case .oneOf(let ranges): ranges.contains { $0.contains(byte) }
        case .many: false
        }
    }
}
