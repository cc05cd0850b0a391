/// Devices of a snapshot about which there is nothing special to say, each on a line: nearly all of them, where the JSON decoder
/// would take many times as long.
///
///     gra-eco-05	ct	1770000000000	1770000000000	1770000000000		1770000000000	0		1	1	0	0	0	0
///
/// The name, the phase and what is wanted, then times in milliseconds since 1970 and counts, in the order of `walk`; nothing
/// stands for a time that there is not.
enum PlainDevice {
    static let lineFeed = UInt8(ascii: "\n")
    private static let tab = UInt8(ascii: "\t")

    /// Adds the line of a device. Returns false, and adds nothing, when a line does not say all of it.
    static func append(_ name: DeviceName, _ device: DeviceState, to lines: inout [UInt8]) -> Bool {
        guard let letter = letter(of: device.phase), isAllOf(device), name.rawValue.utf8.allSatisfy({ $0 >= 32 }) else {
            return false
        }
        lines.append(contentsOf: name.rawValue.utf8)
        lines.append(tab)
        lines.append(letter)
        lines.append(UInt8(ascii: device.wanted == .target ? "t" : "b"))
        var device = device
        _ = walk(
            &device,
            time: {
                append($0?.milliseconds, to: &lines)
                return true
            },
            count: {
                append(Int64($0), to: &lines)
                return true
            })
        lines.append(lineFeed)
        return true
    }

    /// The devices of so many lines; nil when there are more or fewer, or one is none.
    static func read(_ bytes: UnsafeRawBufferPointer, count: Int) -> [(DeviceName, DeviceState)]? {
        var reader = Reader(bytes: bytes)
        var devices: [(DeviceName, DeviceState)] = []
        devices.reserveCapacity(min(count, bytes.count))
        while reader.position < bytes.count {
            guard devices.count < count, let device = reader.line() else { return nil }
            devices.append(device)
        }
        return devices.count == count ? devices : nil
    }

    private static func letter(of phase: DeviceState.Phase) -> UInt8? {
        switch phase {
        case .waiting: UInt8(ascii: "w")
        case .confirmed: UInt8(ascii: "c")
        case .rolledBack: UInt8(ascii: "r")
        case .inFlight, .applied, .inDoubt, .mustRevert, .failed, .stranded: nil
        }
    }

    /// Goes through the times and counts of a line in their order, up to the first that is refused.
    private static func walk(
        _ device: inout DeviceState, time: (inout Instant?) -> Bool, count: (inout Int) -> Bool
    ) -> Bool {
        var evidence = device.hasEvidence ? 1 : 0
        defer { device.hasEvidence = evidence != 0 }
        return time(&device.since) && time(&device.changedAt) && time(&device.pushBeganAt)
            && time(&device.quietFrom) && time(&device.debtSince) && count(&device.peaksCarried)
            && time(&device.peakEndedAt)
            && count(&device.attempts[.push]) && count(&device.attempts[.confirm])
            && count(&device.attempts[.rollBack]) && count(&device.attempts[.observe]) && count(&evidence)
            && walk(&device.earlierAttempts, time: time, count: count)
    }

    /// How many they are, then from when to when each.
    private static func walk(
        _ attempts: inout [Verdict.Window], time: (inout Instant?) -> Bool, count: (inout Int) -> Bool
    ) -> Bool {
        var number = attempts.count
        guard count(&number), number >= 0 else { return false }
        var walked: [Verdict.Window] = []
        for index in 0..<number {
            var from = index < attempts.count ? attempts[index].from : nil
            var to = index < attempts.count ? attempts[index].to : nil
            guard time(&from), time(&to), let from, let to else { return false }
            walked.append(Verdict.Window(from: from, to: to))
        }
        attempts = walked
        return true
    }

    /// Whether nothing but what a line says is known of a device. What is added to `DeviceState` and not to the line makes those
    /// devices that have it special, rather than being lost.
    private static func isAllOf(_ device: DeviceState) -> Bool {
        var rest = device
        rest.phase = .waiting
        rest.wanted = .target
        _ = walk(
            &rest,
            time: {
                $0 = nil
                return true
            },
            count: {
                $0 = 0
                return true
            })
        return rest == DeviceState()
    }

    private static func append(_ number: Int64?, to lines: inout [UInt8]) {
        lines.append(tab)
        guard let number else { return }
        if number < 0 { lines.append(UInt8(ascii: "-")) }
        let start = lines.count
        var rest = number.magnitude
        repeat {
            lines.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        lines[start...].reverse()
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        mutating func line() -> (DeviceName, DeviceState)? {
            guard let name = name(), skip(tab), let phase = phase(), let wanted = wanted() else { return nil }
            var device = DeviceState()
            device.phase = phase
            device.wanted = wanted
            let isWhole = PlainDevice.walk(
                &device,
                time: {
                    guard let said = time() else { return false }
                    $0 = said
                    return true
                },
                count: {
                    guard let said = count() else { return false }
                    $0 = said
                    return true
                })
            guard isWhole, skip(lineFeed) else { return nil }
            return (name, device)
        }

        private mutating func name() -> DeviceName? {
            let start = position
            while position < bytes.count, bytes[position] >= 32 { position += 1 }
            return String(validating: bytes[start..<position], as: UTF8.self).map(DeviceName.init(rawValue:))
        }

        private mutating func phase() -> DeviceState.Phase? {
            switch next() {
            case UInt8(ascii: "w"): .waiting
            case UInt8(ascii: "c"): .confirmed
            case UInt8(ascii: "r"): .rolledBack
            default: nil
            }
        }

        private mutating func wanted() -> DeviceState.Wanted? {
            switch next() {
            case UInt8(ascii: "t"): .target
            case UInt8(ascii: "b"): .base
            default: nil
            }
        }

        private mutating func next() -> UInt8? {
            guard position < bytes.count else { return nil }
            position += 1
            return bytes[position - 1]
        }

        private mutating func skip(_ byte: UInt8) -> Bool { next() == byte }

        /// A time; `.some(nil)` when there is none, nil when what stands there is no time.
        private mutating func time() -> Instant?? {
            guard skip(tab) else { return nil }
            if position < bytes.count, bytes[position] == tab { return .some(nil) }
            return number().map { .some(Instant(milliseconds: $0)) }
        }

        private mutating func count() -> Int? {
            guard skip(tab) else { return nil }
            return number().map(Int.init)
        }

        private mutating func number() -> Int64? {
            let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
            if isNegative { position += 1 }
            let start = position
            var value: Int64 = 0
            while position < bytes.count, case 48...57 = bytes[position], position - start < 18 {
                value = value * 10 + Int64(bytes[position] - 48)
                position += 1
            }
            guard position > start else { return nil }
            return isNegative ? -value : value
        }
    }
}
