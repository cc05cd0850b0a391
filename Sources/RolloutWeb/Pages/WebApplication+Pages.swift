internal import Foundation
import RolloutEngine

/// The pages that people look at.
extension WebApplication {
    /// How many rollouts are on a page.
    private static let mostRollouts = 50
    /// How many events are on a page.
    private static let mostEvents = 100

    /// A page.
    func page(_ route: Route, _ request: WebRequest) async throws -> WebResponse {
        let caller = try await looker(request)
        switch route {
        case .rollouts: return try await rolloutsPage(request, caller)
        case .rollout(let id): return try await rolloutPage(id, caller)
        case .live(let id):
            _ = try await reading(of: id, for: caller)
            let seen = request.header("last-event-id") ?? request.query("after") ?? ""
            let updates = try await feeds.updates(of: id, after: Int64(seen) ?? .max)
            return WebResponse(
                .ok,
                [
                    ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"),
                    // A proxy that waits for more would hold back what is news.
                    ("X-Accel-Buffering", "no"),
                ], body: .stream(updates))
        case .events(let id): return try await eventsPage(id, request, caller)
        case .devices(let id): return try await devicesPage(id, request, caller)
        case .device(let id, let name): return try await devicePage(id, name, caller)
        case .verdicts(let id): return try await verdicts(id, caller)
        case .ask(let id): return try await askPage(id, request, caller)
        case .asset, .health, .metrics, .alertHook, .line, .signIn, .signOut, .api:
            return .text("there is nothing here", .notFound)
        }
    }

    /// The rollouts that a caller may look at, newest first.
    ///
    /// - Parameter last: Only older ones; nil for all.
    func summaries(for caller: Caller, before last: RolloutID?, most: Int) async throws -> (
        rows: [RolloutSummary], unreadable: [String], left: [RolloutRecord]
    ) {
        var rows: [RolloutSummary] = []
        var unreadable: [String] = []
        var records = try await catalog.records()[...]
        if let last { records = records.drop { $0.id >= last } }
        while rows.count < most, let record = records.popFirst() {
            do {
                let (summary, extent) = try await catalog.summary(of: record)
                if caller.token.map({ Permission.reaches(extent, by: $0) }) ?? true { rows.append(summary) }
            } catch let error as InputError {
                // One that cannot be read must not hide the others, and nobody can tell whose devices are in it.
                let seesAll = caller.token.map { $0.ranges.isEmpty && $0.datacentres.isEmpty } ?? true
                if seesAll { unreadable.append("\(record.id) \(record.title): \(error.description)") }
            }
        }
        return (rows, unreadable, Array(records))
    }

    private func rolloutsPage(_ request: WebRequest, _ caller: Caller) async throws -> WebResponse {
        let last = request.query("before").flatMap { Int64($0) }.map { RolloutID($0) }
        let found = try await summaries(for: caller, before: last, most: Self.mostRollouts)
        let page = RolloutsPage(
            rows: found.rows, unreadable: found.unreadable, older: found.left.count,
            next: found.left.isEmpty ? nil : found.rows.last?.id, now: clock.now())
        let banner = LinePage.banner(try await tokens.current().lineStop)
        return .page(layout("Rollouts", caller).page("\(banner)\(page.content)"))
    }

    private func rolloutPage(_ id: RolloutID, _ caller: Caller) async throws -> WebResponse {
        let reading = try await reading(of: id, for: caller)
        let page = RolloutPage(reading: reading, links: try await links.loads(of: reading))
        let sequence = reading.state.sequence
        // Not every entry has a line.
        let entries = try await store.entries(of: id, after: max(0, sequence - Int64(Self.mostEvents) * 2))
        let events = entries.reversed().lazy.filter { $0.sequence <= sequence }.compactMap(EventItem.item)
        let banner = LinePage.banner(try await tokens.current().lineStop)
        let content = page.content(events: Array(events.prefix(Self.mostEvents)))
        let live: HTML = "/rollouts/\(id.number)/live?after=\(sequence)"
        return .page(
            layout("\(reading.status.title) \(id)", caller, live: live).page("\(banner)\(content)"))
    }

    private func eventsPage(_ id: RolloutID, _ request: WebRequest, _ caller: Caller) async throws -> WebResponse {
        let reading = try await reading(of: id, for: caller)
        let after = max(0, request.query("after").flatMap { Int64($0) } ?? 0)
        let most = 1000
        let entries = try await store.entries(of: id, after: after)
        let shown = entries.prefix(most)
        let more: HTML? = shown.last.flatMap { last in
            entries.count > most
                ? "<p><a href=\"?after=\(last.sequence)\">\(entries.count - most) later ones</a></p>" : nil
        }
        let content: HTML = """
            <p><a href="/rollouts/\(id.number)">\(reading.status.title) \(id)</a></p>
            <h1>Events</h1><ol class="events">\(shown.compactMap(EventItem.item))</ol>\(more)
            """
        return .page(layout("Events of \(id)", caller).page(content))
    }

    private func devicesPage(_ id: RolloutID, _ request: WebRequest, _ caller: Caller) async throws -> WebResponse {
        let reading = try await reading(of: id, for: caller)
        let page = DevicesPage(
            reading: reading, states: request.query("state").flatMap(DevicesPage.states),
            offset: min(1 << 24, max(0, request.query("offset").flatMap { Int($0) } ?? 0)))
        return .page(layout("Devices of \(id)", caller).page(page.content))
    }

    private func devicePage(_ id: RolloutID, _ name: DeviceName, _ caller: Caller) async throws -> WebResponse {
        let reading = try await reading(of: id, for: caller)
        guard let planned = reading.fixed.planned[name],
            let wave = reading.status.waves.first(where: { $0.devices.contains { $0.name == name } }),
            let device = wave.devices.first(where: { $0.name == name })
        else { throw StoreError(.notFound, "rollout \(id) does not change a device '\(name)'") }
        let entries = try await store.entries(of: id, after: 0).filter { $0.fact.concerns(name) }
        let page = DevicePage(reading: reading, planned: planned, device: device, wave: wave, entries: entries)
        return .page(layout("\(name) in \(id)", caller).page(page.content))
    }

    private func verdicts(_ id: RolloutID, _ caller: Caller) async throws -> WebResponse {
        let reading = try await reading(of: id, for: caller)
        let picture = try await pictures.picture(of: reading)
        return WebResponse(
            .ok,
            [
                ("Content-Type", "image/svg+xml"), ("Cache-Control", "private, max-age=86400"),
                ("Content-Security-Policy", Self.picturePolicy),
            ], body: .whole(picture))
    }

    /// Opened by itself, a picture may have its own styles and nothing else.
    private static let picturePolicy: String = {
        let digest = Digest(of: VerdictSVG.sheet).hexadecimal
        let bytes = stride(from: 0, to: digest.utf8.count, by: 2).compactMap { place -> UInt8? in
            let start = digest.index(digest.startIndex, offsetBy: place)
            return UInt8(digest[start..<digest.index(start, offsetBy: 2)], radix: 16)
        }
        return "default-src 'none'; style-src 'sha256-\(Data(bytes).base64EncodedString())'; frame-ancestors 'none'"
    }()
}
