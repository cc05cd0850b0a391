/// Steps through the elements of BER (X.690) as SNMP uses it: definite lengths, one-octet tags. What does not fit is nil, and
/// nothing outside the octets is looked at.
struct BERReader {
    private let octets: UnsafeBufferPointer<UInt8>
    /// Where the next element starts.
    private(set) var position: Int
    private let end: Int

    init(_ octets: UnsafeBufferPointer<UInt8>) { self.init(octets, 0..<octets.count) }

    init(_ octets: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.octets = octets
        position = range.lowerBound
        end = range.upperBound
    }

    /// The tag of the next element.
    var tag: UInt8? { position < end ? octets[position] : nil }

    /// Where the content of the next element is, which must have this tag; steps over it.
    mutating func element(_ expected: UInt8) -> Range<Int>? {
        guard end - position >= 2, octets[position] == expected else { return nil }
        var start = position + 2
        var count = Int(octets[position + 1])
        if count >= 0x80 {
            let size = count - 0x80
            guard (1...4).contains(size), end - start >= size else { return nil }
            count = octets[start..<start + size].reduce(0) { $0 << 8 | Int($1) }
            start += size
        }
        guard count <= end - start else { return nil }
        position = start + count
        return start..<position
    }

    /// The elements inside the next one.
    mutating func sequence(_ expected: UInt8 = 0x30) -> BERReader? {
        element(expected).map { BERReader(octets, $0) }
    }

    /// A whole number of at most 32 bits.
    mutating func integer() -> Int32? {
        guard let content = element(0x02), (1...4).contains(content.count) else { return nil }
        let first = octets[content.lowerBound]
        return octets[content].reduce(first >= 0x80 ? -1 : 0) { $0 << 8 | Int32($1) }
    }

    /// An OCTET STRING.
    mutating func string() -> Range<Int>? { element(0x04) }

    /// Whether the next element is an OBJECT IDENTIFIER with these numbers; steps over it.
    mutating func isObject(_ numbers: UnsafeBufferPointer<UInt>) -> Bool {
        guard let content = element(0x06) else { return false }
        var place = content.lowerBound
        var known = 0
        while place < content.upperBound {
            var number: UInt = 0
            var isLast = false
            while !isLast, place < content.upperBound {
                number = number << 7 | UInt(octets[place] & 0x7f)
                isLast = octets[place] < 0x80
                place += 1
            }
            if known == 0 {
                // The first two are written as one.
                let first = min(number / 40, 2)
                guard numbers.count >= 2, numbers[0] == first, numbers[1] == number - 40 * first else { return false }
                known = 2
            } else {
                guard known < numbers.count, numbers[known] == number else { return false }
                known += 1
            }
        }
        return known == numbers.count
    }
}
