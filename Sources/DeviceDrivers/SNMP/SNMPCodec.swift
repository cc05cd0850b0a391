import CNetSNMP
import Glibc
import RolloutEngine

/// libsnmp as encoder and decoder of SNMPv2c messages.
///
/// Of libsnmp only this is used. Its sessions would add a socket an agent, match answers by request id alone without a look
/// at who sent them, and cost half as much again; `init_snmp`, which reads configuration files and MIBs, is never called.
/// libsnmp has no locks: every instance lives on `SNMPPoller.reactor`.
final class SNMPCodec {
    private var session = netsnmp_session()

    /// libsnmp reports odd values of agents on standard error unless some other place is named for it.
    private static let quiet: Void = {
        netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG)
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_REVERSE_ENCODE, 1)
    }()

    init() {
        Self.quiet
        session.version = Int(SNMP_VERSION_2c)
    }

    /// The datagram that asks, or nil when there is no community or something is too long to be written.
    func encode(_ request: SNMPRequest, community: Secret) -> EncodedRequest? {
        let objects: [ObjectID]
        let command: Int32
        switch request {
        case .get(let asked): (objects, command) = (asked, cnetsnmp_get)
        case .bulk(let start, _): (objects, command) = ([start], cnetsnmp_getbulk)
        }
        guard let pdu = snmp_pdu_create(command) else { return nil }
        defer { snmp_free_pdu(pdu) }
        pdu.pointee.version = Int(SNMP_VERSION_2c)
        pdu.pointee.reqid = Int(Self.placeholder)
        guard community.reveal({ Self.setCommunity($0, of: pdu) }) else { return nil }
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
        let datagram = Array(UnsafeBufferPointer(start: packet + (capacity - used), count: used))
        guard let offset = Self.identifierOffset(in: datagram) else { return nil }
        return EncodedRequest(request: request, datagram: datagram, identifierOffset: offset)
    }

    /// The answer in a datagram, or nil when it is none to anything that `asked` knows by its request id.
    func decode(
        _ datagram: UnsafeMutableBufferPointer<UInt8>, asked: (Int32) -> SNMPRequest?
    ) -> (identifier: Int32, answer: SNMPAnswer)? {
        guard let pdu = snmp_pdu_create(cnetsnmp_response) else { return nil }
        defer { snmp_free_pdu(pdu) }
        guard snmp_parse(nil, &session, pdu, datagram.baseAddress, datagram.count) == 0,
            pdu.pointee.command == cnetsnmp_response, let identifier = Int32(exactly: pdu.pointee.reqid),
            let request = asked(identifier)
        else { return nil }
        if pdu.pointee.errstat != 0 { return (identifier, .failed(status: pdu.pointee.errstat)) }
        switch request {
        case .get(let objects): return (identifier, Self.values(of: objects, in: pdu.pointee.variables))
        case .bulk: return (identifier, .rows(Self.rows(in: pdu.pointee.variables)))
        }
    }

    private static func values(
        of objects: [ObjectID], in variables: UnsafeMutablePointer<netsnmp_variable_list>?
    ) -> SNMPAnswer {
        var values: [SNMPValue] = []
        values.reserveCapacity(objects.count)
        var next = variables
        for object in objects {
            guard let variable = next, isNamed(object, variable) else { return .unexpected }
            values.append(value(of: variable))
            next = variable.pointee.next_variable
        }
        return next == nil ? .values(values) : .unexpected
    }

    private static func rows(in variables: UnsafeMutablePointer<netsnmp_variable_list>?) -> [SNMPAnswer.Row] {
        var rows: [SNMPAnswer.Row] = []
        var next = variables
        while let variable = next {
            rows.append(SNMPAnswer.Row(object: ObjectID(Array(name(of: variable))), value: value(of: variable)))
            next = variable.pointee.next_variable
        }
        return rows
    }

    private static func isNamed(_ object: ObjectID, _ variable: UnsafeMutablePointer<netsnmp_variable_list>) -> Bool {
        guard variable.pointee.name_length == object.parts.count, let name = variable.pointee.name else { return false }
        return memcmp(object.parts, name, object.parts.count * MemoryLayout<oid>.stride) == 0
    }

    private static func name(of variable: UnsafeMutablePointer<netsnmp_variable_list>) -> UnsafeBufferPointer<oid> {
        UnsafeBufferPointer(start: variable.pointee.name, count: variable.pointee.name_length)
    }

    private static func value(of variable: UnsafeMutablePointer<netsnmp_variable_list>) -> SNMPValue {
        switch variable.pointee.type {
        case cnetsnmp_counter32: number(of: variable).map(SNMPValue.counter32) ?? .other
        case cnetsnmp_gauge32: number(of: variable).map(SNMPValue.gauge32) ?? .other
        case cnetsnmp_timeticks: number(of: variable).map(SNMPValue.timeTicks) ?? .other
        case cnetsnmp_integer: variable.pointee.val.integer.map { .integer($0.pointee) } ?? .other
        case cnetsnmp_counter64:
            // Each half is an unsigned long of which 32 bits are meant.
            variable.pointee.val.counter64.map {
                .counter64(UInt64($0.pointee.high) << 32 | UInt64($0.pointee.low) & 0xffff_ffff)
            } ?? .other
        case cnetsnmp_octets: text(of: variable)
        case cnetsnmp_no_such_object, cnetsnmp_no_such_instance, UInt8(ASN_NULL): .absent
        case cnetsnmp_end_of_view: .endOfView
        default: .other
        }
    }

    private static func number(of variable: UnsafeMutablePointer<netsnmp_variable_list>) -> UInt32? {
        variable.pointee.val.integer.flatMap { UInt32(exactly: $0.pointee) }
    }

    /// A name has at most 255 octets (SnmpAdminString, DisplayString).
    private static func text(of variable: UnsafeMutablePointer<netsnmp_variable_list>) -> SNMPValue {
        guard let start = variable.pointee.val.string, variable.pointee.val_len <= 255 else { return .other }
        return .text(
            String(decoding: UnsafeBufferPointer(start: start, count: variable.pointee.val_len), as: UTF8.self))
    }

    /// The copy belongs to the PDU and goes with it.
    private static func setCommunity(_ community: String, of pdu: UnsafeMutablePointer<netsnmp_pdu>) -> Bool {
        let octets = Array(community.utf8)
        guard !octets.isEmpty, let copy = malloc(octets.count) else { return false }
        copy.copyMemory(from: octets, byteCount: octets.count)
        pdu.pointee.community = copy.assumingMemoryBound(to: UInt8.self)
        pdu.pointee.community_len = octets.count
        return true
    }

    /// Steps over the headers before the request id: message { version, community, PDU { request id.
    private static func identifierOffset(in datagram: [UInt8]) -> Int? {
        var position = 0
        /// Goes into the value at `position` and says how long it is.
        func enter() -> Int {
            guard position + 1 < datagram.count else { return 0 }
            let first = Int(datagram[position + 1])
            position += 2
            guard first >= 0x80 else { return first }
            let octets = datagram[position...].prefix(first - 0x80)
            position += octets.count
            return octets.reduce(0) { $0 << 8 | Int($1) }
        }
        _ = enter()
        position += enter()
        position += enter()
        _ = enter()
        return enter() == 4 && position + 4 <= datagram.count ? position : nil
    }

    /// Request ids of 2^30 and more are written in four octets, so that any can take the place of any other.
    static let placeholder: Int32 = 1 << 30
}
