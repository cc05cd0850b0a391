/// An answer as nearly all are: no error, the objects in the order asked, each with a number or a short text in its usual spelling.
///
/// It is read where it stands. libsnmp, which takes memory of a kilobyte for each value, reads everything else; of what both can
/// read they say the same, which is fuzzed. Pure.
enum PlainAnswer {
    /// The values in a PDU (RFC 3416, section 3); nil for anything that is not plain.
    static func values(
        in datagram: UnsafeBufferPointer<UInt8>, _ place: Range<Int>, identifier: Int32, asked: EncodedRequest
    ) -> SNMPAnswer? {
        guard let count = asked.valueCount else { return nil }
        var whole = BERReader(datagram, place)
        guard var pdu = whole.sequence(0xa2), pdu.integer() == identifier, pdu.integer() == 0, pdu.integer() == 0,
            var bindings = pdu.sequence(), pdu.tag == nil
        else { return nil }
        var store = OctetStore()
        let values = asked.octets.withUnsafeBufferPointer { octets in
            asked.withObjects { objects in
                [SNMPValue](unsafeUninitializedCapacity: count) { room, written in
                    while written < count, let start = room.baseAddress, var object = objects.sequence(),
                        let name = object.element(0x06), var binding = bindings.sequence(),
                        let named = binding.element(0x06), octets[name].elementsEqual(datagram[named]),
                        let value = value(&binding, datagram, &store), binding.tag == nil
                    {
                        (start + written).initialize(to: value)
                        written += 1
                    }
                }
            }
        }
        return values.count == count && bindings.tag == nil ? .values(values, store) : nil
    }

    private static func value(
        _ binding: inout BERReader, _ datagram: UnsafeBufferPointer<UInt8>, _ store: inout OctetStore
    ) -> SNMPValue? {
        guard let tag = binding.tag, let place = binding.element(tag) else { return nil }
        let content = datagram[place]
        switch tag {
        case 0x02:
            guard (1...4).contains(content.count), let first = content.first else { return nil }
            return .integer(content.reduce(first >= 0x80 ? -1 : 0) { $0 << 8 | Int($1) })
        case 0x04: return content.count <= 255 ? .octets(store.append(UnsafeBufferPointer(rebasing: content))) : nil
        case 0x05, 0x80, 0x81: return content.isEmpty ? .absent : nil
        case 0x41: return number(content, octets: 4).map { .counter32(UInt32($0)) }
        case 0x42: return number(content, octets: 4).map { .gauge32(UInt32($0)) }
        case 0x43: return number(content, octets: 4).map { .timeTicks(UInt32($0)) }
        case 0x46: return number(content, octets: 8).map { .counter64($0) }
        default: return nil
        }
    }

    /// A whole number without a sign, of at most so many octets and a zero before them where the first would look like a sign.
    private static func number(_ content: Slice<UnsafeBufferPointer<UInt8>>, octets: Int) -> UInt64? {
        guard let first = content.first, first < 0x80,
            content.count <= octets || first == 0 && content.count == octets + 1
        else { return nil }
        return content.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
