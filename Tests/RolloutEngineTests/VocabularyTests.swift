import RolloutEngine
import Testing

@Suite("Vocabulary")
struct VocabularyTests {
    @Test(
        "instants are written and read as RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func instants(milliseconds: Int64, text: String) {
        #expect(Instant(milliseconds: milliseconds).description == text)
        #expect(Instant(text) == Instant(milliseconds: milliseconds))
    }

    @Test(
        "what is no instant is refused",
        arguments: [
            "", "2026-01-01", "2026-13-01T00:00:00.000Z", "2026-01-01T00:00:00.000+", "-001-01-01T00:00:00.000Z",
            "2026-+1-01T00:00:00.000Z",
        ])
    func badInstants(text: String) { #expect(Instant(text) == nil) }

    @Test(
        "lengths of time need a unit",
        arguments: [
            ("250ms", 250), ("30s", 30_000), ("10m", 600_000), ("1h30m", 5_400_000), ("2d", 172_800_000),
            ("1.5s", 1500),
        ] as [(String, Int64)])
    func timespans(text: String, milliseconds: Int64) {
        #expect(Timespan(text)?.milliseconds == milliseconds)
        #expect(Timespan(Timespan(milliseconds: milliseconds).description)?.milliseconds == milliseconds)
    }

    @Test("what is no length of time is refused", arguments: ["", "10", "s", "10x", "-5s", "1e9d", "ten s"])
    func badTimespans(text: String) { #expect(Timespan(text) == nil) }

    @Test("a length of time in very many parts is refused, not added up until it overflows")
    func manyParts() { #expect(Timespan(String(repeating: "11000d", count: 20_000)) == nil) }

    @Test(
        "rates are decimal, as in tc",
        arguments: [
            ("250Mbit", 250_000_000), ("2.5Gbit", 2_500_000_000), ("64kbit/s", 64_000), ("1000bit", 1000),
            ("10Gbps", 10_000_000_000),
        ] as [(String, UInt64)])
    func rates(text: String, value: UInt64) {
        #expect(BitsPerSecond(text)?.value == value)
        #expect(BitsPerSecond(BitsPerSecond(value).description)?.value == value)
    }

    @Test(
        "a rate without a unit is refused", arguments: ["250", "", "Mbit", "-1Mbit", "1Xbit", "nan Mbit", "1e30Gbit"])
    func badRates(text: String) { #expect(BitsPerSecond(text) == nil) }

    @Test("names sort as people count")
    func natural() {
        let names: [DeviceName] = ["gra-eco-10", "gra-eco-2", "gra-eco-1", "gra-adv-30", "a01", "a1"]
        #expect(names.sorted().map(\.rawValue) == ["a01", "a1", "gra-adv-30", "gra-eco-1", "gra-eco-2", "gra-eco-10"])
    }

    @Test("a secret never prints itself")
    func secrets() {
        let secret = Secret("hunter2-canary")
        #expect(!"\(secret) \(String(reflecting: secret)) \(String(describing: [secret]))".contains("canary"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("canary"))
    }
}
