/// Writes BER into a buffer from its end to its start: so the length of an element is known when its header is written, and
/// nothing is copied from one buffer into the next. What is inside an element is written last part first, then the element is
/// closed around it.
struct BERWriter {
    private let room: UnsafeMutableBufferPointer<UInt8>
    /// Where what was written last starts.
    private(set) var start: Int

    /// Writes into a buffer with enough room for everything.
    init(_ room: UnsafeMutableBufferPointer<UInt8>) {
        self.room = room
        start = room.count
    }

    /// What stands from there to an earlier start.
    func octets(upTo end: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: room[start..<end])
    }

    /// Octets as they are.
    mutating func put(_ octets: some Collection<UInt8>) {
        precondition(octets.count <= start, "no room for \(octets.count) octets")
        start -= octets.count
        _ = UnsafeMutableBufferPointer(rebasing: room[start..<start + octets.count]).update(fromContentsOf: octets)
    }

    /// One octet as it is.
    mutating func put(_ octet: UInt8) {
        precondition(start > 0, "no room for an octet")
        start -= 1
        room[start] = octet
    }

    /// The header of an element that holds what was written since `end` was the start: at most 65,535 octets.
    mutating func close(_ tag: UInt8, upTo end: Int) {
        let count = end - start
        precondition(count <= 0xffff, "\(count) octets are more than a datagram holds")
        put(UInt8(count & 0xff))
        if count >= 0x100 { put(UInt8(count >> 8)) }
        if count >= 0x80 { put(count < 0x100 ? 0x81 : 0x82) }
        put(tag)
    }

    /// An OCTET STRING.
    mutating func string(_ octets: some Collection<UInt8>) {
        let end = start
        put(octets)
        close(0x04, upTo: end)
    }

    /// A whole number that is not negative.
    mutating func integer(_ value: UInt32) {
        let end = start
        var rest = value
        var last: UInt8
        repeat {
            last = UInt8(truncatingIfNeeded: rest)
            put(last)
            rest >>= 8
        } while rest > 0
        // The highest bit is the sign.
        if last >= 0x80 { put(0) }
        close(0x02, upTo: end)
    }

    /// Moves what was written since `end` was the start towards the start, so that zeros behind it make it a multiple of `block`.
    mutating func fill(to block: Int, upTo end: Int) {
        let written = octets(upTo: end)
        let count = (block - written.count % block) % block
        guard count > 0 else { return }
        put(repeatElement(0, count: count))
        let moved = octets(upTo: end)
        for index in written.indices { moved[index] = written[index] }
        for index in written.endIndex..<moved.endIndex { moved[index] = 0 }
    }

    /// What is written into a buffer of that capacity.
    static func octets(capacity: Int, _ write: (inout BERWriter) -> Void) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { room in
            var writer = BERWriter(room)
            write(&writer)
            return Array(writer.octets(upTo: room.count))
        }
    }
}
