/// One value of an answer, with its type kept: a gauge never passes for a counter.
enum SNMPValue: Hashable, Sendable {
    case counter32(UInt32)
    case gauge32(UInt32)
    case timeTicks(UInt32)
    case counter64(UInt64)
    case integer(Int)
    /// A floating point number, wrapped into an Opaque as net-snmp does.
    case real(Double)
    /// An OCTET STRING of at most 255 octets, which are in the answer's store.
    case octets(OctetStore.Place)
    /// noSuchObject, noSuchInstance or NULL: the agent has no such object.
    case absent
    /// endOfMibView: nothing follows.
    case endOfView
    /// Something that none of our objects can be.
    case other
}

/// The octets of all the strings of an answer, one after the other, so that values are plain numbers and none of them costs
/// an allocation.
struct OctetStore: Hashable, Sendable {
    private var octets: [UInt8] = []

    /// Where a string stands.
    struct Place: Hashable, Sendable {
        fileprivate var start: Int32
        fileprivate var count: Int32
    }

    /// Takes a string in.
    mutating func append(_ string: UnsafeBufferPointer<UInt8>) -> Place {
        let place = Place(start: Int32(octets.count), count: Int32(string.count))
        octets.append(contentsOf: string)
        return place
    }

    /// Takes a string in.
    mutating func append(_ string: some Collection<UInt8>) -> Place {
        let place = Place(start: Int32(octets.count), count: Int32(string.count))
        octets.append(contentsOf: string)
        return place
    }

    /// A string.
    subscript(place: Place) -> ArraySlice<UInt8> { octets[Int(place.start)..<Int(place.start) + Int(place.count)] }

    /// A string as text.
    func text(_ place: Place) -> String { String(decoding: self[place], as: UTF8.self) }

    /// A string without the blanks and zeros at its end, with which some agents fill a column.
    func trimmed(_ place: Place) -> ArraySlice<UInt8> {
        var string = self[place]
        while let last = string.last, last == 0 || last == 0x20 { string.removeLast() }
        return string
    }
}
