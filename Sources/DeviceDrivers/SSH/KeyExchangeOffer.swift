/// The algorithms that one side of a key exchange offers (RFC 4253 section 7.1).
struct KeyExchangeOffer: Hashable, Sendable {
    var keyExchange: [String]
    var hostKeys: [String]
    var ciphers: [String]
    var macs: [String]

    private var lists: [(purpose: String, algorithms: [String])] {
        [("key exchange", keyExchange), ("host keys", hostKeys), ("ciphers", ciphers), ("MACs", macs)]
    }

    /// The lists for these purposes in words; all of them when none is named.
    func text(of purposes: [String]) -> String {
        lists.filter { purposes.isEmpty || purposes.contains($0.purpose) }
            .map { "\($0.purpose) \($0.algorithms.joined(separator: ","))" }.joined(separator: "; ")
    }

    /// For which purposes the two sides have no algorithm in common.
    func gaps(with other: KeyExchangeOffer) -> [String] {
        zip(lists, other.lists).filter { Set($0.algorithms).isDisjoint(with: $1.algorithms) }.map(\.0.purpose)
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
