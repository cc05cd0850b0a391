/// An SNMP message, encoded and decoded by hand: the tests must not trust the library that they test.
struct WireMessage: Hashable, Sendable {
    var version = 1
    var community = Array("test-community".utf8)
    var kind = Kind.response
    var requestID: Int
    /// In a bulk request the non-repeaters.
    var errorStatus = 0
    /// In a bulk request the repetitions.
    var errorIndex = 0
    var bindings: [Binding] = []

    enum Kind: UInt8 { case get = 0xa0, next = 0xa1, response = 0xa2, bulk = 0xa5, report = 0xa8 }

    struct Binding: Hashable, Sendable {
        var object: [UInt32]
        var value: WireValue
    }
}

/// A value on the wire.
enum WireValue: Hashable, Sendable {
    case integer(Int)
    case octets([UInt8])
    case null
    case counter32(UInt32)
    case gauge32(UInt32)
    case timeTicks(UInt32)
    case counter64(UInt64)
    case noSuchObject, noSuchInstance, endOfView
    /// Anything else, as it is written.
    case raw(UInt8, [UInt8])

    static func text(_ text: String) -> WireValue { .octets(Array(text.utf8)) }
}

enum Wire {
    static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
        return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + content
    }

    /// Two's complement in as few octets as it takes.
    static func number(_ value: Int) -> [UInt8] {
        var octets = withUnsafeBytes(of: value.bigEndian) { Array($0) }
        while octets.count > 1, octets[0] == 0 && octets[1] < 0x80 || octets[0] == 0xff && octets[1] >= 0x80 {
            octets.removeFirst()
        }
        return octets
    }

    static func unsigned(_ value: UInt64) -> [UInt8] {
        var octets = [0] + withUnsafeBytes(of: value.bigEndian) { Array($0) }
        while octets.count > 1, octets[0] == 0, octets[1] < 0x80 { octets.removeFirst() }
        return octets
    }

    static func object(_ parts: [UInt32]) -> [UInt8] {
        guard parts.count >= 2 else { return [] }
        // X.690, 8.19: the first two arcs share a number, which may need more than one octet.
        return ([parts[0] &* 40 &+ parts[1]] + parts.dropFirst(2))
            .flatMap { part -> [UInt8] in
                var octets = [UInt8(part & 0x7f)]
                var rest = part >> 7
                while rest > 0 {
                    octets.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
                    rest >>= 7
                }
                return octets
            }
    }

    /// A whole number that is not negative.
    static func value(_ content: ArraySlice<UInt8>) -> Int { content.reduce(0) { $0 << 8 | Int($1) } }

    /// The tag, the content and what follows of the first element; nil when it does not fit.
    static func split(_ octets: ArraySlice<UInt8>) -> (tag: UInt8, content: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)?
    {
        guard let tag = octets.first, let first = octets.dropFirst().first else { return nil }
        var rest = octets.dropFirst(2)
        var count = Int(first)
        if first >= 0x80 {
            let size = Int(first & 0x7f)
            guard (1...4).contains(size), rest.count >= size else { return nil }
            count = rest.prefix(size).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(size)
        }
        guard rest.count >= count else { return nil }
        return (tag, rest.prefix(count), rest.dropFirst(count))
    }
}

extension WireValue {
    var encoded: [UInt8] {
        switch self {
        case .integer(let value): Wire.tagged(0x02, Wire.number(value))
        case .octets(let octets): Wire.tagged(0x04, octets)
        case .null: [0x05, 0]
        case .counter32(let value): Wire.tagged(0x41, Wire.unsigned(UInt64(value)))
        case .gauge32(let value): Wire.tagged(0x42, Wire.unsigned(UInt64(value)))
        case .timeTicks(let value): Wire.tagged(0x43, Wire.unsigned(UInt64(value)))
        case .counter64(let value): Wire.tagged(0x46, Wire.unsigned(value))
        case .noSuchObject: [0x80, 0]
        case .noSuchInstance: [0x81, 0]
        case .endOfView: [0x82, 0]
        case .raw(let tag, let content): Wire.tagged(tag, content)
        }
    }
}

extension WireMessage {
    /// The PDU alone.
    var pdu: [UInt8] {
        let list = bindings.flatMap { Wire.tagged(0x30, Wire.tagged(0x06, Wire.object($0.object)) + $0.value.encoded) }
        let numbers = [requestID, errorStatus, errorIndex].flatMap { Wire.tagged(0x02, Wire.number($0)) }
        return Wire.tagged(kind.rawValue, numbers + Wire.tagged(0x30, list))
    }

    var encoded: [UInt8] {
        Wire.tagged(0x30, Wire.tagged(0x02, Wire.number(version)) + Wire.tagged(0x04, community) + pdu)
    }

    /// Reads a request; nil for anything else.
    init?(request octets: [UInt8]) {
        guard let message = Wire.split(octets[...]), message.tag == 0x30, message.rest.isEmpty,
            let version = Wire.split(message.content), let community = Wire.split(version.rest)
        else { return nil }
        self.init(pdu: community.rest)
        self.version = Wire.value(version.content)
        self.community = Array(community.content)
    }

    /// Reads a PDU. Values of requests are null and not looked at.
    init?(pdu octets: ArraySlice<UInt8>) {
        guard let body = Wire.split(octets), let kind = Kind(rawValue: body.tag), body.rest.isEmpty,
            let identifier = Wire.split(body.content), let status = Wire.split(identifier.rest),
            let index = Wire.split(status.rest), let list = Wire.split(index.rest), list.rest.isEmpty
        else { return nil }
        var bindings: [Binding] = []
        var rest = list.content
        while let binding = Wire.split(rest) {
            guard let name = Wire.split(binding.content), let first = name.content.first else { return nil }
            var parts = [UInt32(first) / 40, UInt32(first) % 40]
            var part: UInt32 = 0
            for octet in name.content.dropFirst() {
                part = part << 7 | UInt32(octet & 0x7f)
                if octet < 0x80 {
                    parts.append(part)
                    part = 0
                }
            }
            bindings.append(Binding(object: parts, value: .null))
            rest = binding.rest
        }
        self.init(
            kind: kind, requestID: Wire.value(identifier.content), errorStatus: Wire.value(status.content),
            errorIndex: Wire.value(index.content), bindings: bindings)
    }
}
