/// The outside of a datagram that came: enough to know whose answer it may be before anything of it is believed.
struct SNMPFrame {
    /// The number that our request had: the request id of v1 and v2c, the message id of v3.
    let identifier: Int32
    /// 0 for v1, 1 for v2c, 3 for v3.
    let version: Int32
    /// Where the PDU is; for v3, where what follows the message's header is.
    let body: Range<Int>
    /// The flags of v3: 1 is signed, 2 is hidden, 4 asks for a Report.
    let flags: UInt8

    /// What a datagram says of itself; nil when it is no answer.
    init?(_ datagram: UnsafeBufferPointer<UInt8>) {
        var outer = BERReader(datagram)
        guard var message = outer.sequence(), let version = message.integer() else { return nil }
        self.version = version
        if version == 3 {
            guard var header = message.sequence(), let identifier = header.integer(), header.integer() != nil,
                let flags = header.string(), flags.count == 1, header.integer() == 3
            else { return nil }
            self.identifier = identifier
            self.flags = datagram[flags.lowerBound]
            body = message.position..<outer.position
            return
        }
        guard version == 0 || version == 1, message.string() != nil else { return nil }
        body = message.position..<outer.position
        flags = 0
        // A Response.
        guard var pdu = message.sequence(0xa2), let identifier = pdu.integer() else { return nil }
        self.identifier = identifier
    }
}
