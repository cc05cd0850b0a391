import RolloutEngine

@testable import DeviceDrivers

/// The v3 side of a scripted agent, by the letter of RFC 3412 and 3414: framing and decisions are the test's own, only the
/// hash is the library's.
struct ScriptedEngine: Sendable {
    var id: [UInt8] = [0x80, 0, 0x1f, 0x88, 4, 1, 2, 3]
    var boots: UInt32 = 5
    var time: UInt32 = 1000
    var user = "rollout"
    var password = "a long password"
    var isSigning = true
    /// Seconds by which it is always too early or late, whatever it is told.
    var neverInTime = false
    /// A context that it knows beside the usual one.
    var context = ""

    typealias Seal = @Sendable (WireMessage) -> [UInt8]

    enum Reception {
        case request(WireMessage, Seal)
        case report([UInt8])
    }

    private struct Parts {
        var identifier: Int
        var flags: UInt8
        var engine: [UInt8]
        var boots: UInt32
        var time: UInt32
        var user: [UInt8]
        var signature: ArraySlice<UInt8>
        var context: [UInt8]
        var pdu: WireMessage
    }

    func receive(_ octets: [UInt8]) -> Reception? {
        guard let parts = Self.split(octets) else { return nil }
        if parts.engine != id { return .report(report(4, to: parts, isSigned: false)) }
        if parts.user != Array(user.utf8) { return .report(report(3, to: parts, isSigned: false)) }
        if isSigning {
            guard parts.flags & 1 == 1 else { return .report(report(1, to: parts, isSigned: false)) }
            guard isRight(parts, octets) else { return .report(report(5, to: parts, isSigned: false)) }
            let apart = parts.time > time ? parts.time - time : time - parts.time
            if neverInTime || parts.boots != boots || apart > 150 {
                return .report(report(2, to: parts, isSigned: true))
            }
        }
        guard parts.context == Array(context.utf8) else {
            return .report(message(Self.report([1, 3, 6, 1, 6, 3, 12, 1, 5, 0], parts), parts, isSigned: isSigning))
        }
        return .request(parts.pdu) { message($0, parts, isSigned: isSigning) }
    }

    private func report(_ number: UInt32, to parts: Parts, isSigned: Bool) -> [UInt8] {
        message(Self.report([1, 3, 6, 1, 6, 3, 15, 1, 1, number, 0], parts), parts, isSigned: isSigned)
    }

    private static func report(_ object: [UInt32], _ parts: Parts) -> WireMessage {
        WireMessage(
            kind: .report, requestID: parts.pdu.requestID, bindings: [.init(object: object, value: .counter32(1))])
    }

    private func message(_ pdu: WireMessage, _ parts: Parts, isSigned: Bool) -> [UInt8] {
        func assemble(_ signature: [UInt8]) -> [UInt8] {
            let header = Wire.tagged(
                0x30,
                Wire.tagged(0x02, Wire.number(parts.identifier)) + Wire.tagged(0x02, Wire.number(65_507))
                    + [0x04, 1, isSigned ? 1 : 0, 0x02, 1, 3])
            let security = Wire.tagged(
                0x30,
                Wire.tagged(0x04, id) + Wire.tagged(0x02, Wire.number(Int(boots)))
                    + Wire.tagged(0x02, Wire.number(Int(time)))
                    + Wire.tagged(0x04, Array(user.utf8)) + Wire.tagged(0x04, signature) + [0x04, 0])
            let scoped = Wire.tagged(0x30, Wire.tagged(0x04, id) + Wire.tagged(0x04, parts.context) + pdu.pdu)
            return Wire.tagged(0x30, [0x02, 1, 3] + header + Wire.tagged(0x04, security) + scoped)
        }
        return isSigned ? signed(assemble([UInt8](repeating: 0, count: 24))) : assemble([])
    }

    private func signed(_ octets: [UInt8]) -> [UInt8] {
        let method = AuthenticationProtocol(.sha256)
        guard let place = Self.split(octets)?.signature.indices,
            let key = method.key(of: Array(password.utf8)).flatMap({ method.localised($0, to: id) })
        else { return octets }
        var signed = octets
        signed.withUnsafeMutableBufferPointer { _ = method.sign($0, at: place, key) }
        return signed
    }

    private func isRight(_ parts: Parts, _ octets: [UInt8]) -> Bool {
        parts.signature.count == 24 && signed(octets) == octets
    }

    private static func split(_ octets: [UInt8]) -> Parts? {
        guard let message = Wire.split(octets[...]), let version = Wire.split(message.content), version.content == [3],
            let header = Wire.split(version.rest), let identifier = Wire.split(header.content),
            let size = Wire.split(identifier.rest), let flags = Wire.split(size.rest),
            let parameters = Wire.split(header.rest), let security = Wire.split(parameters.content),
            let engine = Wire.split(security.content), let boots = Wire.split(engine.rest),
            let time = Wire.split(boots.rest), let user = Wire.split(time.rest),
            let signature = Wire.split(user.rest), let scoped = Wire.split(parameters.rest),
            let contextEngine = Wire.split(scoped.content), let context = Wire.split(contextEngine.rest),
            let pdu = WireMessage(pdu: context.rest)
        else { return nil }
        return Parts(
            identifier: Wire.value(identifier.content), flags: flags.content.first ?? 0, engine: Array(engine.content),
            boots: UInt32(Wire.value(boots.content)), time: UInt32(Wire.value(time.content)),
            user: Array(user.content), signature: signature.content, context: Array(context.content), pdu: pdu)
    }
}
