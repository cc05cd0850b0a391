/// What is asked of an agent in one datagram.
enum SNMPRequest: Hashable, Sendable {
    /// The values of these objects.
    case get([ObjectID])
    /// The object that follows one.
    case next(after: ObjectID)
    /// The objects that follow one, at most so many. Not in v1.
    case bulk(after: ObjectID, repetitions: Int)
}

/// What an agent answered.
enum SNMPAnswer: Hashable, Sendable {
    /// To a get: one value an object, in the order asked.
    case values([SNMPValue], OctetStore)
    /// To a bulk or next: the objects that follow.
    case rows([Row], OctetStore)
    /// An error status (RFC 3416): 1 is tooBig, 2 noSuchName, 5 genErr; and the object it is about, the first being 1.
    case failed(status: Int, index: Int)
    /// v3: the agent says why it does not answer.
    case reported(SNMPReport, isAuthentic: Bool)
    /// Other objects than those that were asked for.
    case unexpected

    /// One object and its value.
    struct Row: Hashable, Sendable {
        var object: ObjectID
        var value: SNMPValue
    }
}

/// A request, encoded but for its number. One is kept for each agent: it holds no more than is needed to send it and to know its
/// answer.
final class EncodedRequest: Sendable {
    /// The datagram; for v3 only the PDU, which is wrapped each time it is sent.
    let octets: [UInt8]
    /// Where the request id stands, which is always four octets long.
    let identifierOffset: Int
    /// How many objects a get asks for; nil for other requests.
    let valueCount: Int?

    init(_ request: SNMPRequest, octets: [UInt8], identifierOffset: Int) {
        self.octets = octets
        self.identifierOffset = identifierOffset
        if case .get(let objects) = request { valueCount = objects.count } else { valueCount = nil }
    }

    /// Steps through the objects that are asked for, each an element with its name and no value. They stand in the octets, so that
    /// an agent's are kept once.
    func withObjects<Result>(_ body: (inout BERReader) -> Result) -> Result {
        octets.withUnsafeBufferPointer { octets in
            var rest = BERReader(octets, identifierOffset + 4..<octets.count)
            // What would be an error in an answer.
            _ = rest.integer()
            _ = rest.integer()
            var objects = rest.sequence() ?? BERReader(octets, 0..<0)
            return body(&objects)
        }
    }

    /// The octets with a number.
    func identified(_ identifier: Int32) -> [UInt8] {
        var octets = octets
        octets.withUnsafeMutableBufferPointer { number($0, identifier) }
        return octets
    }

    /// Puts a number into a copy of the octets.
    func number(_ copy: UnsafeMutableBufferPointer<UInt8>, _ identifier: Int32) {
        withUnsafeBytes(of: identifier.bigEndian) {
            _ = copy[identifierOffset..<identifierOffset + 4].update(fromContentsOf: $0)
        }
    }
}
