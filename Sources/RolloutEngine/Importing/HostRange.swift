/// Names that stand for many: `web[01:50].example`, `db-[a:f]`, `sw[0:8:2]`
/// (https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html, "Adding ranges of hosts").
enum HostRange {
    /// How many names one inventory may stand for.
    static let limit = 200_000

    /// Why a range cannot be used.
    struct Problem: Error, Equatable {
        let message: String
    }

    /// The names that a pattern stands for: itself, when it holds no range.
    static func expand(_ pattern: String) throws(Problem) -> [String] {
        var names = [""]
        var rest = pattern[...]
        while let opening = rest.firstIndex(of: "["), let closing = rest[opening...].firstIndex(of: "]") {
            let body = rest[rest.index(after: opening)..<closing]
            guard body.contains(":") else {
                throw Problem(message: "\(excerpt(pattern)) holds brackets without a range")
            }
            let before = rest[..<opening]
            let values = try values(body, of: pattern)
            guard names.count * values.count <= limit else {
                throw Problem(message: "\(excerpt(pattern)) stands for more than \(limit) hosts")
            }
            names = names.flatMap { name in values.map { name + before + $0 } }
            rest = rest[rest.index(after: closing)...]
        }
        guard !rest.contains("["), !rest.contains("]") else {
            throw Problem(message: "\(excerpt(pattern)) holds a bracket that has no other half")
        }
        return names.map { $0 + rest }
    }

    private static func values(_ body: Substring, of pattern: String) throws(Problem) -> [String] {
        let parts = body.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let step = parts.count == 3 ? Int(parts[2]) : 1
        guard (2...3).contains(parts.count), let step, step > 0 else {
            throw Problem(message: "\(excerpt(pattern)): expected a range such as [01:50] or [a:f]")
        }
        let start = parts[0].isEmpty ? "0" : parts[0]
        let end = parts[1]
        if let first = number(start), let last = number(end) {
            let isPadded = start.hasPrefix("0") && start.count > 1
            guard !isPadded || start.count == end.count else {
                throw Problem(message: "\(excerpt(pattern)): both ends of a range with leading zeros are of one length")
            }
            guard first <= last else { throw Problem(message: "\(excerpt(pattern)): the range ends before it starts") }
            guard (last - first) / step < limit else {
                throw Problem(message: "\(excerpt(pattern)) stands for more than \(limit) hosts")
            }
            return stride(from: first, through: last, by: step).map { value in
                let text = String(value)
                return isPadded ? String(repeating: "0", count: max(0, start.count - text.count)) + text : text
            }
        }
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        guard start.count == 1, end.count == 1, let first = letters.firstIndex(of: Character(start)),
            let last = letters.firstIndex(of: Character(end)), first <= last
        else { throw Problem(message: "\(excerpt(pattern)): expected a range such as [01:50] or [a:f]") }
        return stride(from: first, through: last, by: step).map { String(letters[$0]) }
    }

    private static func number(_ text: String) -> Int? {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    /// A host as it may be written in an inventory: its name or pattern, and a port behind a colon.
    static func splitPort(_ text: String) -> (pattern: String, port: String?) {
        if text.hasPrefix("["), let closing = text.firstIndex(of: "]"),
            text[..<closing].count(where: { $0 == ":" }) > 2
        {
            // An address of IPv6 in brackets.
            let inside = String(text[text.index(after: text.startIndex)..<closing])
            let rest = text[text.index(after: closing)...]
            return rest.hasPrefix(":") ? (inside, String(rest.dropFirst())) : (inside, nil)
        }
        var depth = 0
        var colons: [String.Index] = []
        for index in text.indices {
            switch text[index] {
            case "[": depth += 1
            case "]": depth -= 1
            case ":" where depth == 0: colons.append(index)
            default: break
            }
        }
        guard colons.count == 1, let colon = colons.first, number(String(text[text.index(after: colon)...])) != nil
        else { return (text, nil) }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}
