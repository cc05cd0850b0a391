internal import Foundation
import RolloutEngine

/// The address of a receiver, taken apart so strictly that nobody else reads another host in it.
struct HookAddress: Hashable, Sendable {
    /// The scheme, `http` or `https`.
    let scheme: String
    /// The name or address, without brackets.
    let host: String
    /// The port.
    let port: Int
    /// All of it, as it is asked.
    let text: String

    /// Reads one.
    ///
    /// - Throws: `HookFault`, which never holds the address: whoever knows it may write there.
    init(_ text: String) throws(HookFault) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x5c && $0 != 0x22 }),
            let cut = text.range(of: "://"), ["https", "http"].contains(text[..<cut.lowerBound])
        else { throw HookFault("the address is not one such as https://hooks.example.net/abc") }
        scheme = String(text[..<cut.lowerBound])
        let authority = text[cut.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@"), !text.contains("#") else {
            throw HookFault("the address holds a name before an @, or a #, which no receiver needs")
        }
        var rest = Substring(authority)
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
            guard NetworkAddress(host)?.bytes.count == 16 else { throw HookFault("the host in [] is no IPv6 address") }
        } else {
            let name = rest.prefix { $0 != ":" }
            host = String(name)
            rest = rest.dropFirst(name.count)
            let isTame =
                !host.isEmpty
                && host.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) && $0 > 0x40 || $0 == 0x2d
                        || $0 == 0x2e
                }
            // A last label that begins with a digit is an address to some: 127.1, 0x7f.1, 2130706433.
            let last = host.split(separator: ".").last?.utf8.first ?? 0
            guard isTame, !(0x30...0x39).contains(last) || NetworkAddress(host) != nil else {
                throw HookFault("the host is neither a name nor an address of four numbers")
            }
        }
        if rest.isEmpty {
            port = scheme == "https" ? 443 : 80
        } else {
            guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()), (1...65_535).contains(number),
                "\(number)" == rest.dropFirst()
            else { throw HookFault("the port is not a number from 1 to 65535") }
            port = number
        }
        self.text = text
    }

    /// Whether a text holds a part of the address by which one may write there.
    func isSaid(in said: String) -> Bool {
        text.split { "/?&=".contains($0) }.dropFirst(2).contains { $0.count >= 4 && said.contains($0) }
    }
}

/// Why nothing was sent, in words without an address or a secret.
struct HookFault: Error, Hashable, Sendable {
    let words: String
    init(_ words: String) { self.words = words }
}
