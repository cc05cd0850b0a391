/// Finds what no text file of ours may hold, before any parser sees it.
enum SourceText {
    /// The bytes without a byte order mark.
    static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// The first thing wrong with these bytes as text: not UTF-8, or a control character; nil when they are fine.
    static func firstProblem(in bytes: [UInt8], file: String) -> Complaint? {
        let suspicious = bytes.contains { byte in
            byte >= 0x7f || (byte < 0x20 && byte != 0x0a && byte != 0x09 && byte != 0x0d)
        }
        guard suspicious else { return nil }
        var line = 1
        var column = 1
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        while true {
            let place = SourceLocation(file: file, line: line, column: column)
            switch decoder.decode(&rest) {
            case .emptyInput: return nil
            case .error:
                return Complaint(at: place, "the file is not valid UTF-8 here", remedy: "save it as UTF-8")
            case .scalarValue(let scalar):
                guard isAllowed(scalar.value) else {
                    let code = String(scalar.value, radix: 16, uppercase: true)
                    return Complaint(
                        at: place,
                        "control character U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code) in the file",
                        remedy: "remove it")
                }
                column += 1
                if scalar == "\n" {
                    line += 1
                    column = 1
                }
            }
        }
    }

    /// The characters that YAML 1.2 calls printable, but for U+FEFF.
    private static func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff:
            true
        default: false
        }
    }
}
