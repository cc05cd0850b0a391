import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("What SSH reads and reckons")
struct SSHParsingTests {
    private static let keyText = "AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"

    @Test(
        "names in known_hosts hold as in OpenSSH",
        arguments: [
            ("gra-1", "gra-1", true), ("gra-1,GRA-2", "gra-2", true), ("gra-*", "gra-17", true),
            ("gra-?", "gra-17", false),
            ("*,!gra-1", "gra-1", false), ("*,!gra-1", "gra-2", true), ("gra-1", "[gra-1]:2222", false),
            ("[gra-1]:2222", "[gra-1]:2222", true), ("a*b*c", "aXbYc", true), ("a*b*c", "aXbY", false),
        ])
    func names(pattern: String, name: String, holds: Bool) throws {
        let hosts = KnownHosts("# first\n\n\(pattern) ssh-ed25519 \(Self.keyText) comment\n")
        #expect(hosts.unreadable == [])
        #expect(hosts.matches(name, hashedMatches: []).isEmpty == !holds)
    }

    @Test("lines of known_hosts that make no sense are skipped and remembered; certificates do not count")
    func nonsense() {
        let hosts = KnownHosts(
            "a ssh-ed25519\nb ssh-rsa \(Self.keyText)\n@cert-authority * ssh-ed25519 \(Self.keyText)\nc ssh-ed25519 ***\n"
        )
        #expect(hosts.lines == [])
        #expect(hosts.unreadable == [1, 2, 4])
    }

    @Test(
        "a jump device is read in every form",
        arguments: [
            ("ops@gate:2222", "ops", "gate", 2222), ("gate", nil, "gate", 22), ("a@b@gate", "a@b", "gate", 22),
            ("ops@[::1]:2222", "ops", "::1", 2222), ("[fe80::1]", nil, "fe80::1", 22), ("fe80::1", nil, "fe80::1", 22),
        ] as [(String, String?, String, Int)])
    func jump(text: String, user: String?, address: String, port: Int) throws {
        let jump = try #require(JumpSpec(text))
        #expect(jump.user == user)
        #expect(jump.address == address)
        #expect(jump.port == port)
    }

    @Test(
        "nonsense is no jump device", arguments: ["", "@gate", "ops@", "gate:0", "gate:ssh", "[::1", "[::1]x", "a b"])
    func noJump(text: String) { #expect(JumpSpec(text) == nil) }

    @Test("a server's lists are read from the first bytes, however they are cut")
    func keyExchange() throws {
        let lists = [
            "curve25519-sha256,x", "ssh-ed25519", "aes256-ctr", "aes256-ctr", "hmac-sha2-256", "h", "none", "none", "",
            "",
        ]
        var payload: [UInt8] = [20] + Array(repeating: 7, count: 16)
        for list in lists {
            payload += [0, 0, 0, UInt8(list.utf8.count)] + Array(list.utf8)
        }
        let packet = [0, 0, 0, UInt8(payload.count + 1), 0] + payload
        let bytes = Array("Welcome\r\nSSH-2.0-Some\u{1b}[31m\r\n".utf8) + packet
        let offer = try #require(KeyExchangeOffer(firstBytes: bytes))
        #expect(offer.keyExchange == ["curve25519-sha256", "x"])
        #expect(offer.macs == ["hmac-sha2-256"])
        #expect(KeyExchangeOffer.greeting(in: bytes) == "SSH-2.0-Some[31m")
        for cut in 0..<60 { #expect(KeyExchangeOffer(firstBytes: Array(bytes.prefix(cut))) == nil) }
    }

    @Test("a token bucket never gives more than its rate and burst, whoever asks and whenever", arguments: 0..<50)
    func bucket(seed: Int) {
        var random = UInt64(seed + 1)
        func next(_ limit: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % limit
        }
        let (rate, burst): (UInt64, UInt64) = (1000 + next(100_000), 500 + next(5000))
        var bucket = TokenBucket(rate: rate, burst: burst, now: 0)
        var now: UInt64 = 0
        var grants: [(at: UInt64, bytes: UInt64)] = []
        for _ in 0..<300 {
            now += next(50_000_000)
            let bytes = 1 + next(2000)
            grants.append((now + bucket.reserve(bytes, now: now), bytes))
        }
        #expect(grants.map(\.at) == grants.map(\.at).sorted())
        var sum: UInt64 = 0
        for grant in grants {
            sum += grant.bytes
            #expect(Double(sum) <= Double(burst) + Double(rate) * Double(grant.at) / 1e9 + 1)
        }
    }

    @Test("bytes given back may be moved by others, but are not saved up beyond the burst")
    func giveBack() {
        var bucket = TokenBucket(rate: 1000, burst: 100, now: 0)
        #expect(bucket.reserve(100, now: 0) == 0)
        bucket.giveBack(60, now: 0)
        #expect(bucket.reserve(60, now: 0) == 0)
        bucket.giveBack(5000, now: 0)
        #expect(bucket.reserve(100, now: 0) == 0)
        #expect(bucket.reserve(100, now: 0) == 100_000_000)
    }

    @Test("deadlines come up in order, and those that nobody waits for are dropped")
    func deadlines() {
        var queue = DeadlineQueue()
        let times = (0..<200).map { UInt64(($0 * 7919) % 1000) }
        for (number, time) in times.enumerated() { queue.insert(UInt64(number), at: Deadline(nanoseconds: time)) }
        queue.compact { $0 % 2 == 0 }
        #expect(queue.count == 100)
        #expect(queue.popExpired(at: Deadline(nanoseconds: 0)) == 0)
        var last: UInt64 = 0
        while let next = queue.popExpired(at: Deadline(nanoseconds: 1000)) {
            #expect(times[Int(next)] >= last)
            last = times[Int(next)]
        }
        #expect(queue.count == 0)
    }
}
