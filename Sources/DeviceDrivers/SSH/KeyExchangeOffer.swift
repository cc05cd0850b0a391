/// The algorithms that one side of a key exchange offers (RFC 4253 section 7.1).
struct KeyExchangeOffer: Hashable, Sendable, CustomStringConvertible {
    var keyExchange: [String]
    var hostKeys: [String]
    var ciphers: [String]
    var macs: [String]

    /// The lists in words.
    var description: String {
        "key exchange \(keyExchange.joined(separator: ",")); host keys \(hostKeys.joined(separator: ",")); "
            + "ciphers \(ciphers.joined(separator: ",")); MACs \(macs.joined(separator: ","))"
    }

    /// For which purposes the two sides have no algorithm in common.
    func gaps(with other: KeyExchangeOffer) -> [String] {
        let pairs = [
            ("key exchange", keyExchange, other.keyExchange), ("host keys", hostKeys, other.hostKeys),
            ("ciphers", ciphers, other.ciphers), ("MACs", macs, other.macs),
        ]
        return pairs.compactMap { name, ours, theirs in Set(ours).isDisjoint(with: theirs) ? name : nil }
    }

    /// The server's greeting in the first bytes of a connection: its `SSH-` line, printable characters only.
    static func greeting(in bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: 10, omittingEmptySubsequences: true) where line.starts(with: "SSH-".utf8) {
            return String(decoding: line.prefix(255).filter { (32...126).contains($0) }, as: UTF8.self)
        }
        return nil
    }

    /// Reads the server's lists out of the first bytes of a connection; nil when they are not (all) there.
    init?(firstBytes bytes: [UInt8]) {
        var start = 0
        while true {
            guard let end = bytes[start...].firstIndex(of: 10) else { return nil }
            defer { start = end + 1 }
            if bytes[start..<end].starts(with: "SSH-".utf8) { break }
        }
        // Packet length, padding length, message 20, cookie; then ten name-lists, of which the first, second, third
        // and fifth (client to server) say all: nobody differs by direction.
        guard bytes.count > start + 22, bytes[start + 5] == 20 else { return nil }
        var fields = SSHFields(bytes[(start + 22)...])
        var lists: [[String]] = []
        while lists.count < 5 {
            guard let list = fields.string(), list.count < 65_536 else { return nil }
            let text = list.filter { (33...126).contains($0) }
            lists.append(text.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) })
        }
        self.init(keyExchange: lists[0], hostKeys: lists[1], ciphers: lists[2], macs: lists[4])
    }

    init(keyExchange: [String], hostKeys: [String], ciphers: [String], macs: [String]) {
        self.keyExchange = keyExchange
        self.hostKeys = hostKeys
        self.ciphers = ciphers
        self.macs = macs
    }
}
