import CNetSNMP
import Glibc
import RolloutEngine

/// libsnmp as encoder and decoder of SNMP's PDUs.
///
/// Of libsnmp only this and the keys of v3 are used. Its sessions would add a socket an agent, match answers by request
/// id alone without a look at who sent them, keep the clocks of v3 engines in one list for all agents, and cost half as much
/// again; `init_snmp`, which reads configuration files and MIBs, is never called. libsnmp has no locks: every instance lives on
/// `SNMPPoller.reactor`.
final class SNMPCodec {
    private var session = netsnmp_session()

    /// libsnmp reports odd values of agents on standard error unless some other place is named for it.
    private static let quiet: Void = {
        netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG)
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_REVERSE_ENCODE, 1)
    }()

    /// How a community message begins and ends: `version` is 0 for v1 and 1 for v2c.
    enum Envelope {
        case community(Secret, isVersion1: Bool)
        /// The bare PDU, for v3 to be wrapped.
        case none
    }

    init() {
        Self.quiet
        session.version = Int(SNMP_VERSION_2c)
    }

    // MARK: Requests

    /// A request, or nil when there is no community or something is too long to be written.
    func encode(_ request: SNMPRequest, _ envelope: Envelope) -> EncodedRequest? {
        let objects: [ObjectID]
        let command: Int32
        switch request {
        case .get(let asked): (objects, command) = (asked, cnetsnmp_get)
        case .next(let start): (objects, command) = ([start], cnetsnmp_getnext)
        case .bulk(let start, _): (objects, command) = ([start], cnetsnmp_getbulk)
        }
        guard let pdu = snmp_pdu_create(command) else { return nil }
        defer { snmp_free_pdu(pdu) }
        pdu.pointee.version = Int(SNMP_VERSION_2c)
        pdu.pointee.reqid = Int(Self.placeholder)
        guard Self.setCommunity("-", of: pdu) else { return nil }
        // A bulk keeps its two numbers where other requests keep their error.
        if case .bulk(_, let repetitions) = request {
            pdu.pointee.errstat = 0
            pdu.pointee.errindex = repetitions
        }
        for object in objects {
            guard snmp_add_null_var(pdu, object.parts, object.parts.count) != nil else { return nil }
        }
        var capacity = 2048
        var used = 0
        var packet = malloc(capacity)?.assumingMemoryBound(to: UInt8.self)
        defer { free(packet) }
        // It is written from the end of the packet to its start.
        guard snmp_build(&packet, &capacity, &used, &session, pdu) == 0, let packet, used <= capacity else {
            return nil
        }
        let message = UnsafeBufferPointer(start: packet + (capacity - used), count: used)
        guard let body = Self.body(of: message) else { return nil }
        return Self.put(Array(message[body]), into: envelope, as: request)
    }

    /// Where the PDU of a community message is.
    private static func body(of message: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var outer = BERReader(message)
        guard var inner = outer.sequence(), inner.integer() != nil, inner.string() != nil else { return nil }
        return inner.position..<message.count
    }

    private static func put(_ pdu: [UInt8], into envelope: Envelope, as request: SNMPRequest) -> EncodedRequest? {
        guard pdu.count <= 0xf000 else { return nil }
        var octets = pdu
        if case .community(let community, let isVersion1) = envelope {
            let community = community.reveal { Array($0.utf8) }
            guard !community.isEmpty, community.count <= 1024 else { return nil }
            octets = BERWriter.octets(capacity: pdu.count + community.count + 16) { writer in
                let end = writer.start
                writer.put(pdu)
                writer.string(community)
                writer.integer(isVersion1 ? 0 : 1)
                writer.close(0x30, upTo: end)
            }
        }
        // PDU { request id: one octet of tag, the length, and a number of four octets.
        let offset = pdu.withUnsafeBufferPointer { octets -> Int? in
            var outer = BERReader(octets)
            guard let tag = outer.tag, var inner = outer.sequence(tag), let place = inner.element(0x02),
                place.count == 4
            else { return nil }
            return place.lowerBound
        }
        return offset.map {
            EncodedRequest(request, octets: octets, identifierOffset: octets.count - pdu.count + $0)
        }
    }

    // MARK: Answers

    /// The answer in a datagram, or nil when it is none to this request, or not proven as v3 demands.
    ///
    /// - Parameters:
    ///   - frame: What the datagram says of itself.
    ///   - security: The user who asked, in v3.
    ///   - now: On the monotonic scale.
    func read(
        _ datagram: UnsafeMutableBufferPointer<UInt8>, _ frame: SNMPFrame, asked: EncodedRequest, isVersion1: Bool,
        _ security: UserSecurity?, at now: UInt64
    ) -> SNMPAnswer? {
        guard let security else {
            guard frame.version == (isVersion1 ? 0 : 1) else { return nil }
            return PlainAnswer.values(
                in: UnsafeBufferPointer(datagram), frame.body, identifier: frame.identifier, asked: asked)
                ?? decode(datagram, frame.body, identifier: frame.identifier, asked: asked)
        }
        guard frame.version == 3, let content = security.open(datagram, frame, at: now) else { return nil }
        if case .response(let pdu) = content,
            let plain = PlainAnswer.values(
                in: UnsafeBufferPointer(datagram), pdu, identifier: frame.identifier, asked: asked)
        {
            return plain
        }
        let (pdu, isAuthentic) =
            switch content {
            case .response(let pdu): (pdu, true)
            case .report(let pdu, let isAuthentic): (pdu, isAuthentic)
            }
        let answer = decode(datagram, pdu, identifier: frame.identifier, asked: asked, isVersion3: true)
        if case .reported(let report, _)? = answer { return .reported(report, isAuthentic: isAuthentic) }
        return answer
    }

    /// The answer in a PDU as libsnmp reads it, or nil when it is none, or does not carry the request's number.
    ///
    /// - Parameter isVersion3: Whether it may be a Report, whose number is not looked at: an agent that could not read a
    ///   request does not know it.
    func decode(
        _ datagram: UnsafeMutableBufferPointer<UInt8>, _ place: Range<Int>, identifier: Int32, asked: EncodedRequest,
        isVersion3: Bool = false
    ) -> SNMPAnswer? {
        guard let start = datagram.baseAddress, let pdu = snmp_pdu_create(cnetsnmp_response) else { return nil }
        defer { snmp_free_pdu(pdu) }
        var length = place.count
        guard snmp_pdu_parse(pdu, start + place.lowerBound, &length) == 0 else { return nil }
        if isVersion3, pdu.pointee.command == cnetsnmp_report {
            let object = pdu.pointee.variables.map { ObjectID(Array(Self.name(of: $0))) }
            return .reported(SNMPReport(object), isAuthentic: false)
        }
        guard pdu.pointee.command == cnetsnmp_response, pdu.pointee.reqid == Int(identifier) else { return nil }
        if pdu.pointee.errstat != 0 {
            return .failed(status: pdu.pointee.errstat, index: pdu.pointee.errindex)
        }
        if let count = asked.valueCount { return Self.values(of: count, asked, in: pdu.pointee.variables) }
        return Self.rows(in: pdu.pointee.variables)
    }

    private static func values(
        of count: Int, _ asked: EncodedRequest, in variables: UnsafeMutablePointer<netsnmp_variable_list>?
    ) -> SNMPAnswer {
        var store = OctetStore()
        var next = variables
        let values = asked.withObjects { objects in
            [SNMPValue](unsafeUninitializedCapacity: count) { room, written in
                while written < count, let start = room.baseAddress {
                    guard let variable = next, var object = objects.sequence(), object.isObject(name(of: variable))
                    else { break }
                    (start + written).initialize(to: value(of: variable, &store))
                    written += 1
                    next = variable.pointee.next_variable
                }
            }
        }
        return values.count == count && next == nil ? .values(values, store) : .unexpected
    }

    private static func rows(in variables: UnsafeMutablePointer<netsnmp_variable_list>?) -> SNMPAnswer {
        var rows: [SNMPAnswer.Row] = []
        var store = OctetStore()
        var next = variables
        while let variable = next {
            rows.append(
                SNMPAnswer.Row(object: ObjectID(Array(name(of: variable))), value: value(of: variable, &store)))
            next = variable.pointee.next_variable
        }
        return .rows(rows, store)
    }

    private static func name(of variable: UnsafeMutablePointer<netsnmp_variable_list>) -> UnsafeBufferPointer<oid> {
        UnsafeBufferPointer(start: variable.pointee.name, count: variable.pointee.name_length)
    }

    private static func value(
        of variable: UnsafeMutablePointer<netsnmp_variable_list>, _ store: inout OctetStore
    ) -> SNMPValue {
        switch variable.pointee.type {
        case cnetsnmp_counter32: return number(of: variable).map(SNMPValue.counter32) ?? .other
        case cnetsnmp_counter64:
            // Each half is an unsigned long of which 32 bits are meant.
            return variable.pointee.val.counter64.map {
                .counter64(UInt64($0.pointee.high) << 32 | UInt64($0.pointee.low) & 0xffff_ffff)
            } ?? .other
        case cnetsnmp_gauge32: return number(of: variable).map(SNMPValue.gauge32) ?? .other
        case cnetsnmp_timeticks: return number(of: variable).map(SNMPValue.timeTicks) ?? .other
        case cnetsnmp_integer: return variable.pointee.val.integer.map { .integer($0.pointee) } ?? .other
        case cnetsnmp_octets:
            // A name has at most 255 octets (SnmpAdminString, DisplayString).
            let count = variable.pointee.val_len
            guard count <= 255, let start = variable.pointee.val.string else { return .other }
            return .octets(store.append(UnsafeBufferPointer(start: start, count: count)))
        case cnetsnmp_no_such_object, cnetsnmp_no_such_instance, UInt8(ASN_NULL): return .absent
        case cnetsnmp_end_of_view: return .endOfView
        case cnetsnmp_float: return variable.pointee.val.floatVal.map { .real(Double($0.pointee)) } ?? .other
        case cnetsnmp_double: return variable.pointee.val.doubleVal.map { .real($0.pointee) } ?? .other
        default: return .other
        }
    }

    private static func number(of variable: UnsafeMutablePointer<netsnmp_variable_list>) -> UInt32? {
        variable.pointee.val.integer.flatMap { UInt32(exactly: $0.pointee) }
    }

    /// The copy belongs to the PDU and goes with it.
    private static func setCommunity(_ community: String, of pdu: UnsafeMutablePointer<netsnmp_pdu>) -> Bool {
        let octets = Array(community.utf8)
        guard let copy = malloc(octets.count) else { return false }
        copy.copyMemory(from: octets, byteCount: octets.count)
        pdu.pointee.community = copy.assumingMemoryBound(to: UInt8.self)
        pdu.pointee.community_len = octets.count
        return true
    }

    /// Request ids of 2^30 and more are written in four octets, so that any can take the place of any other.
    static let placeholder: Int32 = 1 << 30
}
