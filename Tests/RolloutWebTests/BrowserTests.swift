import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite(
    "In a browser", .enabled(if: Browser.path != nil, "needs the package chromium"), .serialized,
    .timeLimit(.minutes(3)))
struct BrowserTests {
    @Test("a device that is named like markup runs nothing, on the page as it came and as it was updated")
    func hostileNames() async throws {
        let fixture = WebFixture()
        let name = "<img src=x onerror=\"document.title='owned'\">"
        let running = try await fixture.makeRollout([name, "gra-2", "gra-3", "gra-4", "gra-5"])
        try await running.playTrouble()
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            let browser = try Browser(opening: "http://127.0.0.1:\(client.port)/rollouts/1")
            #expect(await browser.waits(for: "document.body.dataset.seen"))
            #expect(browser.evaluate("document.getElementById('live').textContent") as? String == "live")
            #expect(browser.evaluate("document.title") as? String == "double #1")
            #expect(browser.evaluate("document.images.length") as? Int == 1)
            #expect((browser.evaluate("document.querySelector('.cells .d').title") as? String)?.hasPrefix(name) == true)
            // It is told of while the page is open, too.
            try await running.add(.evidence(DeviceName(rawValue: name), Evidence(items: [])))
            #expect(await browser.waits(for: "document.getElementById('events').textContent.includes('evidence kept')"))
            #expect(browser.evaluate("document.title") as? String == "double #1")
            #expect(browser.evaluate("document.images.length") as? Int == 1)
        }
    }

    @Test("what happens while a page is open shows on it")
    func updates() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(["gra-1", "gra-2", "gra-3", "gra-4", "gra-5"])
        try await running.add(.driving(holder: running.lease.holder), .waveStarted(wave: 0))
        let device = running.plan.waves[0].devices[0]
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            let browser = try Browser(opening: "http://127.0.0.1:\(client.port)/rollouts/1")
            #expect(await browser.waits(for: "document.body.dataset.seen"))
            try await running.confirm(device)
            #expect(await browser.waits(for: "document.querySelector('.cells .d.c')"))
            #expect(
                browser.evaluate("document.querySelector('.cells .d.c').title") as? String == "\(device): confirmed")
            #expect(browser.evaluate("document.querySelector('#head .facts b').textContent") as? String == "1")
            let events = browser.evaluate("document.getElementById('events').textContent") as? String
            #expect(events?.contains("confirmed") == true)
        }
    }

    @Test("ten thousand devices are painted at once, and what happens to one of them shows soon after")
    func tenThousand() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout((0..<10_000).map { "gra-\($0)" })
        try await running.add(.driving(holder: running.lease.holder), .waveStarted(wave: 0))
        let device = running.plan.waves[0].devices[0]
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            // Its plan is read once.
            _ = try await client.ask("/rollouts/1")
            let browser = try Browser(opening: "http://127.0.0.1:\(client.port)/rollouts/1")
            #expect(await browser.waits(for: "document.body.dataset.seen"))
            #expect(browser.evaluate("document.querySelectorAll('.cells .d').length") as? Int == 10_000)
            let paint = browser.evaluate("performance.getEntriesByType('paint')[0].startTime") as? Double
            _ = browser.evaluate(
                "window.seenAt = 0; new MutationObserver(() => { window.seenAt = Date.now() }).observe(document.querySelector('.cells .d'), {attributes: true})"
            )
            let written = Date().timeIntervalSince1970 * 1000
            try await running.add(.intent(DeviceStep(device: device, kind: .push, attempt: 1)))
            #expect(await browser.waits(for: "window.seenAt"))
            let seen = browser.evaluate("window.seenAt") as? Double
            let took = try #require(seen) - written
            print("10,000 devices: first paint after \(try #require(paint)) ms, update after \(took) ms")
        }
    }
}
