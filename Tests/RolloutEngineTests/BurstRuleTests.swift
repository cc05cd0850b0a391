import RolloutEngine
import Testing

@Suite("Burst rule")
struct BurstRuleTests {
    @Test(
        "the automatic burst is 10 ms of the rate, rounded up to a size that people recognise",
        arguments: [
            ("64kbit", "16KiB"), ("1Mbit", "16KiB"), ("10Mbit", "16KiB"), ("20Mbit", "32KiB"), ("50Mbit", "64KiB"),
            ("100Mbit", "128KiB"), ("250Mbit", "384KiB"), ("500Mbit", "768KiB"), ("1Gbit", "1536KiB"),
            ("10Gbit", "12MiB"),
        ])
    func automaticSizes(rate: String, burst: String) throws {
        let rate = try #require(BitsPerSecond(rate))
        #expect(BurstRule.automatic(for: rate).description == burst)
    }

    @Test("the automatic burst never shrinks when the rate grows, and is never complained about")
    func automaticIsMonotonic() {
        var last = ByteCount(0)
        var rate: UInt64 = 1
        while rate < 1_000_000_000_000 {
            let burst = BurstRule.automatic(for: BitsPerSecond(rate))
            #expect(burst >= last)
            #expect(BurstRule.complaint(burst: burst, rate: BitsPerSecond(rate)) == nil)
            last = burst
            rate += rate / 7 + 1
        }
    }

    @Test("a burst below one tick of its rate is complained about, with what to write instead")
    func tooSmall() throws {
        let rate = BitsPerSecond(1_000_000_000)
        let complaint = try #require(BurstRule.complaint(burst: ByteCount(32 * 1024), rate: rate))
        #expect(complaint.contains("32KiB"))
        #expect(complaint.contains("1Gbit"))
        #expect(complaint.contains("500000B"))
        #expect(complaint.contains("1536KiB"))
        #expect(BurstRule.complaint(burst: ByteCount(500_000), rate: rate) == nil)
    }

    @Test("a burst that a full packet does not fit into is complained about, however slow the rate")
    func smallerThanAPacket() {
        #expect(BurstRule.complaint(burst: ByteCount(1000), rate: BitsPerSecond(64000)) != nil)
        #expect(BurstRule.complaint(burst: ByteCount(4096), rate: BitsPerSecond(64000)) == nil)
    }
}
