import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("Clients that cost too much", .timeLimit(.minutes(2)))
struct LimitTests {
    private static var residentMegabytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096 >> 20
    }

    @Test("a body of 100 MB is refused by its length, and is not read")
    func largeBody() async throws {
        let fixture = WebFixture()
        try await fixture.serve { client async throws in
            let wire = try WebClient.Wire(port: client.port)
            let head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n"
            let before = Self.residentMegabytes
            try await wire.send(Array(head.utf8))
            let sent = try await wire.send([UInt8](repeating: 97, count: 100 << 20))
            #expect(sent < 50 << 20)
            #expect(Self.residentMegabytes - before < 150)  // what this test itself holds
            let small = try WebClient.Wire(port: client.port)
            try await small.send(Array(head.utf8))
            let refusal = try await small.readToEnd()
            #expect(try WebClient.parse(refusal).status == 413)
            #expect(try await client.ask("/healthz").status == 200)
        }
    }

    @Test("a head without an end is cut off")
    func endlessHead() async throws {
        let fixture = WebFixture()
        try await fixture.serve { client async throws in
            let wire = try WebClient.Wire(port: client.port)
            try await wire.send(Array("GET / HTTP/1.1\r\nA: ".utf8))
            let sent = try await wire.send([UInt8](repeating: 97, count: 20 << 20))
            #expect(sent < 15 << 20)
        }
    }

    @Test("clients that send a byte now and then are let go, and others are served meanwhile")
    func slowClients() async throws {
        let fixture = WebFixture()
        var limits = RequestLimits()
        limits.arrival = .seconds(6)
        limits.idle = .seconds(6)
        try await fixture.serve(limits: limits) { client async throws in
            let begun = ContinuousClock.now
            let silent = try WebClient.Wire(port: client.port)
            try await withThrowingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        let wire = try WebClient.Wire(port: client.port)
                        try await wire.send(Array("GET / HTTP/1.1\r\n".utf8))
                        for _ in 0..<16 {
                            try await Task.sleep(for: .milliseconds(500))
                            try await wire.send(Array("A: b\r\n".utf8))
                        }
                        let answer = try await wire.readToEnd()
                        if !answer.isEmpty { #expect(try WebClient.parse(answer).status == 408) }
                    }
                }
                #expect(try await client.ask("/healthz").status == 200)
                try await group.waitForAll()
            }
            let left = try await silent.readToEnd()
            #expect(left.isEmpty)
            #expect(ContinuousClock.now - begun < .seconds(30))
        }
    }

    @Test("a client that takes nothing of a large answer is let go")
    func deafClient() async throws {
        let fixture = WebFixture()
        _ = try await fixture.makeRollout((0..<10_000).map { "device-\($0)" })
        var limits = RequestLimits()
        limits.writing = .seconds(2)
        limits.connections = 1
        try await fixture.serve(limits: limits, { $0.looksWithoutToken = true }) { client async throws in
            let deaf = try WebClient.Wire(port: client.port, room: 4096)
            for _ in 0..<12 {
                try await deaf.send(Array("GET /rollouts/1 HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            }
            // There is but one place: it is taken, and then it is free again.
            var status = 0
            for _ in 0..<160 where status != 200 {
                try await Task.sleep(for: .milliseconds(250))
                status = (try? await client.ask("/healthz").status) ?? 0
            }
            #expect(status == 200)
            _ = deaf
        }
    }

    @Test("more requests than that are told to wait, and for how long")
    func rate() async throws {
        let fixture = WebFixture()
        // Few enough that also a slow machine asks faster.
        try await fixture.serve({ $0.requestsPerSecond = 1 }) { client async throws in
            var last = try await client.ask("/healthz")
            #expect(last.status == 200)
            for _ in 0..<60 where last.status == 200 { last = try await client.ask("/healthz") }
            #expect(last.status == 429)
            #expect(last.header("retry-after") == "1")
        }
    }

    @Test("a bucket fills at its rate, and each has its own")
    func bucket() {
        var limit = RateLimit(perSecond: 2, burst: 3)
        let now = ContinuousClock.now
        for _ in 0..<3 { #expect(limit.refusal(of: "a", at: now) == nil) }
        #expect(limit.refusal(of: "a", at: now) == 1)
        #expect(limit.refusal(of: "b", at: now) == nil)
        #expect(limit.refusal(of: "a", at: now + .milliseconds(500)) == nil)
        #expect(limit.refusal(of: "a", at: now + .milliseconds(500)) != nil)
        // Somebody who comes under ever new names does not fill the memory.
        for number in 0..<20_000 { _ = limit.refusal(of: "\(number)", at: now) }
    }

    @Test("a browser that was led here under another name is sent away")
    func otherNames() async throws {
        let fixture = WebFixture()
        try await fixture.serve({ $0.publicURL = "https://rollout.example.net" }) { client async throws in
            for host in ["elsewhere.example", "127.0.0.1.elsewhere.example", "localhost.elsewhere.example:80"] {
                #expect(try await client.ask("/healthz", headers: ["Host: \(host)"]).status == 421, "\(host)")
            }
            for host in ["rollout.example.net", "localhost:8480", "[::1]:8480"] {
                #expect(try await client.ask("/healthz", headers: ["Host: \(host)"]).status == 200, "\(host)")
            }
        }
    }

    @Test("it does not listen where others reach it without TLS")
    func loopback() throws {
        let store = WebFixture().store
        var settings = WebSettings()
        settings.address = "0.0.0.0"
        settings.port = 0
        #expect(throws: WebError.self) {
            try WebServer(store: store, settings: settings, clock: WebFixture.TestClock())
        }
        settings.publicURL = "http://rollout.example.net"
        #expect(throws: WebError.self) {
            try WebServer(store: store, settings: settings, clock: WebFixture.TestClock())
        }
    }
}
