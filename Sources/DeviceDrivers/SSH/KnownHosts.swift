/// The lines of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), and what they say of a name. Pure.
struct KnownHosts: Sendable {
    /// One key that is known for a name.
    struct Entry: Hashable, Sendable {
        var key: HostKey
        var line: Int
        var type: String { key.type }
        var fingerprint: String { key.fingerprint }
    }

    /// What a file says of an offered key.
    enum Judgement: Hashable, Sendable {
        case trusted
        case unknown
        case changed([Entry])
        case revoked(line: Int)
    }

    /// A line as written, without its comment.
    struct Line: Hashable, Sendable {
        var names: [String]
        var isRevoked: Bool
        var entry: Entry
        /// The names' field, for lines whose name is a salted hash.
        var hashedName: String? { names.first?.hasPrefix("|1|") == true ? names[0] : nil }
    }

    private(set) var lines: [Line] = []
    /// Numbers of lines that hold neither a key nor a comment.
    private(set) var unreadable: [Int] = []
    /// Plain names, so that a file of 10,000 devices is not read through for each of them.
    private var byName: [String: [Int]] = [:]
    private var withPatterns: [Int] = []
    private(set) var hashed: [Int] = []

    /// Reads the file's text. Lines that cannot be read are skipped, as OpenSSH does, but remembered.
    init(_ text: String) {
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var fields = raw.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            var marker: String?
            if first.hasPrefix("@") { marker = fields.removeFirst() }
            // Certificate authorities do not apply: libssh2 cannot check host certificates.
            if marker == "@cert-authority" { continue }
            guard fields.count >= 3, let key = HostKey(base64: fields[2]), key.type == fields[1],
                marker == nil || marker == "@revoked"
            else {
                unreadable.append(index + 1)
                continue
            }
            let names = fields[0].lowercasedNames
            add(Line(names: names, isRevoked: marker != nil, entry: Entry(key: key, line: index + 1)))
        }
    }

    private mutating func add(_ line: Line) {
        let index = lines.count
        lines.append(line)
        if line.hashedName != nil {
            hashed.append(index)
        } else if line.names.contains(where: { $0.contains { "*?!".contains($0) } }) {
            withPatterns.append(index)
        } else {
            for name in Set(line.names) { byName[name, default: []].append(index) }
        }
    }

    /// How a known_hosts file names a device: its address, with the port unless it is 22.
    static func name(address: String, port: Int) -> String {
        let address = address.lowercased()
        return port == 22 ? address : "[\(address)]:\(port)"
    }

    /// The lines that hold for a name.
    ///
    /// - Parameter hashedMatches: Which of the lines with hashed names hold for it; pure code cannot compute HMAC-SHA1.
    func matches(_ name: String, hashedMatches: [Int]) -> [Line] {
        let patterns = withPatterns.filter { lines[$0].names.matchPatterns(name) }
        return ((byName[name] ?? []) + patterns + hashedMatches).sorted().map { lines[$0] }
    }

    /// What these lines say of an offered key. A key of another type than those known counts as changed.
    static func judge(_ offered: HostKey, by matches: [Line]) -> Judgement {
        if let line = matches.first(where: { $0.isRevoked && $0.entry.key == offered }) {
            return .revoked(line: line.entry.line)
        }
        let known = matches.filter { !$0.isRevoked }.map(\.entry)
        if known.contains(where: { $0.key == offered }) { return .trusted }
        return known.isEmpty ? .unknown : .changed(known)
    }
}

extension String {
    /// A known_hosts names' field as names; a hashed one stays as it is, as case matters in base64.
    fileprivate var lowercasedNames: [String] {
        hasPrefix("|1|") ? [self] : split(separator: ",").map { $0.lowercased() }
    }
}

extension [String] {
    /// Whether one pattern matches and no negated one does.
    fileprivate func matchPatterns(_ name: String) -> Bool {
        let name = Array<Character>(name)
        var found = false
        for pattern in self {
            let isNegated = pattern.hasPrefix("!")
            guard Self.matches(name[...], Array<Character>(isNegated ? String(pattern.dropFirst()) : pattern)[...])
            else {
                continue
            }
            if isNegated { return false }
            found = true
        }
        return found
    }

    /// `*` stands for any characters, `?` for one. Goes back to the last `*` only, so it cannot be made slow.
    private static func matches(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        var (at, read) = (pattern.startIndex, name.startIndex)
        var star: (pattern: Int, name: Int)?
        while read < name.endIndex {
            if at < pattern.endIndex, pattern[at] == "*" {
                star = (at + 1, read)
                at += 1
            } else if at < pattern.endIndex, pattern[at] == "?" || pattern[at] == name[read] {
                at += 1
                read += 1
            } else if let back = star {
                star = (back.pattern, back.name + 1)
                (at, read) = (back.pattern, back.name + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}
