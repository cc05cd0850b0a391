/// Facts about steps that went as they should, read from the exact text in which they are stored:
///
///     {"intent":{"step":{"attempt":1,"device":"gra-eco-05","kind":"push","revertsBy":"2026-02-02T02:42:02.000Z"}}}
///     {"outcome":{"result":{"done":{"revertsAt":"2026-02-02T02:42:03.000Z"}},"step":{"attempt":1, …}}}
///
/// They are nearly all of a journal, and a rollout of 100,000 devices that starts again reads hundreds of thousands of them. A text
/// that differs by a byte is not one of them: it is for the JSON decoder, which takes many times as long.
package struct PlainFact {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// The fact; nil when the text is not one of these.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> Fact? {
        var reader = PlainFact(bytes: bytes)
        guard let fact = reader.fact(), reader.position == bytes.count else { return nil }
        return fact
    }

    private mutating func fact() -> Fact? {
        if skip("{\"intent\":{") {
            guard let step = step(), skip("}}") else { return nil }
            return .intent(step)
        }
        guard skip("{\"outcome\":{\"result\":{\"done\":{") else { return nil }
        var revertsAt: Instant?
        if skip("\"revertsAt\":") {
            guard let instant = instant() else { return nil }
            revertsAt = instant
        }
        guard skip("}},"), let step = step(), skip("}}") else { return nil }
        return .outcome(step, .done(revertsAt: revertsAt))
    }

    private mutating func step() -> DeviceStep? {
        guard skip("\"step\":{\"attempt\":"), let attempt = number(), skip(",\"device\":"), let device = text(),
            skip(",\"kind\":"), let kind = text().flatMap(DeviceStep.Kind.init)
        else { return nil }
        var revertsBy: Instant?
        if skip(",\"revertsBy\":") {
            guard let instant = instant() else { return nil }
            revertsBy = instant
        }
        guard skip("}") else { return nil }
        return DeviceStep(device: DeviceName(rawValue: device), kind: kind, attempt: attempt, revertsBy: revertsBy)
    }

    private mutating func skip(_ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard position + count <= bytes.count,
            UnsafeRawBufferPointer(start: expected.utf8Start, count: count).elementsEqual(
                bytes[position..<position + count])
        else { return false }
        position += count
        return true
    }

    /// A whole number that is written as JSON writes it.
    private mutating func number() -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, case 48...57 = bytes[position], position - start < 9 {
            value = value * 10 + Int(bytes[position] - 48)
            position += 1
        }
        return position > start && (bytes[start] != 48 || position == start + 1) ? value : nil
    }

    /// A text without anything that JSON would escape.
    private mutating func text() -> String? {
        guard skip("\"") else { return nil }
        let start = position
        while position < bytes.count, bytes[position] >= 32, bytes[position] != 34, bytes[position] != 92 {
            position += 1
        }
        let text = String(validating: bytes[start..<position], as: UTF8.self)
        return skip("\"") ? text : nil
    }

    private mutating func instant() -> Instant? { text().flatMap(Instant.init) }
}
