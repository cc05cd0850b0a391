/// One value of an answer, with its type kept: a gauge never passes for a counter.
enum SNMPValue: Hashable, Sendable {
    case counter32(UInt32)
    case gauge32(UInt32)
    case timeTicks(UInt32)
    case counter64(UInt64)
    case integer(Int)
    case text(String)
    /// noSuchObject, noSuchInstance or NULL: the agent has no such object.
    case absent
    /// endOfMibView: nothing follows.
    case endOfView
    /// Something that none of our objects can be.
    case other
}

/// What is asked of an agent in one datagram.
enum SNMPRequest: Hashable, Sendable {
    /// The values of these objects.
    case get([ObjectID])
    /// The objects that follow one, at most so many.
    case bulk(after: ObjectID, repetitions: Int)
}

/// What an agent answered.
enum SNMPAnswer: Hashable, Sendable {
    /// To a get: one value an object, in the order asked.
    case values([SNMPValue])
    /// To a bulk: the objects that follow.
    case rows([Row])
    /// An error status (RFC 3416): 1 is tooBig, 5 is genErr.
    case failed(status: Int)
    /// Other objects than those that were asked for.
    case unexpected

    /// One object and its value.
    struct Row: Hashable, Sendable {
        var object: ObjectID
        var value: SNMPValue
    }
}

/// A request as it goes on the wire, but for its number.
struct EncodedRequest: Sendable {
    /// What it asks.
    var request: SNMPRequest
    /// The datagram. Its request id is always four octets long.
    var datagram: [UInt8]
    /// Where the request id stands.
    var identifierOffset: Int

    /// Numbers the request.
    mutating func identify(_ identifier: Int32) {
        for (position, shift) in [24, 16, 8, 0].enumerated() {
            datagram[identifierOffset + position] = UInt8(truncatingIfNeeded: identifier >> Int32(shift))
        }
    }
}
