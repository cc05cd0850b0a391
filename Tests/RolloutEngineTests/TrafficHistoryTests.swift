import Foundation
import Testing

@testable import RolloutEngine

@Suite("Gates: how restless traffic was at the same hour")
struct TrafficHistoryTests {
    /// Midnight in UTC on a Monday.
    private static let monday = Instant(milliseconds: 1_769_990_400_000)

    /// Devices that are calm but from 20:00 to 21:00 UTC, and on weekends from 03:00 to 04:00.
    private func readings(days: Int, devices: Int = 5) -> HistoryReadings {
        var courses: [HistoryReadings.Course] = []
        for number in 0..<devices {
            var random = SeededRandom(seed: UInt64(number + 1))
            var course = HistoryReadings.Course(
                device: DeviceName(rawValue: "d\(number)"), interface: "eth0", counting: .outOctets)
            var octets: UInt64 = 0
            for minute in stride(from: 0, to: Int64(days * 1440), by: 5) {
                let at = Self.monday + .minutes(minute)
                course.points.append(.init(at: at, value: octets))
                let hour = minute / 60 % 24
                let isRestless = hour == 20 || hour == 3 && minute / 1440 % 7 >= 5
                let reach = isRestless ? 60 : 1
                octets += UInt64(3_000_000_000 / 100) * UInt64(100 + Int(random.next() % UInt64(4 * reach)))
            }
            courses.append(course)
            course.counting = .inOctets
            courses.append(course)
        }
        return HistoryReadings(courses: courses)
    }

    private func history(days: Int) throws -> TrafficHistory {
        let readings = readings(days: days)
        return try #require(
            TrafficHistory(of: readings.devices, in: readings.samples, before: .minutes(15), after: .minutes(15)))
    }

    @Test("an hour that is restless is told from the others, and weekends from weekdays once they are known")
    func hours() throws {
        let history = try history(days: 15)
        #expect(history.spreads.count == 5)
        for spread in history.spreads {
            let daily = try #require(spread.daily)
            let weekdays = try #require(spread.weekdays)
            let weekends = try #require(spread.weekends)
            #expect([daily, weekdays, weekends].allSatisfy { $0.count == 24 })
            let restless = try #require(daily[20])
            #expect(restless > 2 * (try #require(daily[10])))
            #expect(try #require(weekends[3]) > 2 * (try #require(weekdays[3])))
            #expect(history.deviation(of: spread.device, "eth0", by: .hourOfWeekends(3)) == weekends[3])
        }
    }

    @Test("two days say nothing of an hour, and one weekend nothing of weekends")
    func tooFew() throws {
        #expect(try history(days: 2).spreads.allSatisfy { $0.daily == nil && $0.weekdays == nil && $0.weekends == nil })
        let week = try history(days: 7)
        #expect(week.spreads.allSatisfy { $0.daily != nil && $0.weekdays != nil && $0.weekends == nil })
    }

    /// Devices whose traffic in each quarter of an hour is told, of so many quarters.
    private func history(
        quarters: Int, before: Timespan = .minutes(15), after: Timespan = .minutes(15), devices: Int = 5,
        _ level: (_ device: Int, _ quarter: Int) -> Double
    ) -> TrafficHistory? {
        let courses = (0..<devices).flatMap { number in
            var course = HistoryReadings.Course(
                device: DeviceName(rawValue: "d\(number)"), interface: "eth0", counting: .outOctets)
            var octets: UInt64 = 0
            for step in 0...(quarters * 3) {
                course.points.append(.init(at: Self.monday + .minutes(Int64(step * 5)), value: octets))
                octets += UInt64(3_000_000_000 * level(number, step / 3))
            }
            var received = course
            received.counting = .inOctets
            return [course, received]
        }
        let readings = HistoryReadings(courses: courses)
        return TrafficHistory(of: readings.devices, in: readings.samples, before: before, after: after)
    }

    @Test("a few spans say nothing, also when they are of many days")
    func fewSpans() throws {
        #expect(history(quarters: 6) { _, _ in 1 } == nil)
        #expect(history(quarters: 12) { _, _ in 1 } != nil)
        // An hour comes once a day: five days are enough days and too few spans.
        let days = try #require(
            history(quarters: 5 * 96, before: .minutes(60), after: .minutes(60), devices: 2) { _, _ in 1 })
        #expect(days.spreads.allSatisfy { $0.daily == nil })
    }

    @Test("what all do together is nobody's restlessness, and an outbreak now and then is somebody's")
    func outbreaks() throws {
        let together = try #require(history(quarters: 40) { _, quarter in quarter % 2 == 0 ? 1 : 3 })
        #expect(together.spreads.allSatisfy { $0.deviation == 0.05 })
        let outbreak = try #require(
            history(quarters: 40) { device, quarter in device == 0 && quarter == 20 ? 20 : 1 })
        #expect(try #require(outbreak.deviation(of: "d0", "eth0")) > 0.2)
        #expect(outbreak.deviation(of: "d1", "eth0") == 0.05)
    }

    @Test("a level of which most is missing is none")
    func gaps() {
        let agent = AgentModel()
        let series = RateSeries(of: "eth0", in: agent.samples(every: 10, to: 280))
        #expect(TrafficLevel.level(of: series, in: AgentModel.window(0, 300)) != nil)
        #expect(TrafficLevel.level(of: series, in: AgentModel.window(0, 900)) == nil)
    }

    @Test("how often a history was read is known, and of none it is not")
    func rhythm() {
        #expect(readings(days: 1).rhythm == .minutes(5))
        #expect(HistoryReadings(courses: []).rhythm == nil)
    }

    @Test("hours and days are those of UTC")
    func parts() {
        typealias Part = TrafficHistory.Part
        func parts(_ text: String) -> [Part] { Instant(text).map { Part.parts(at: $0) } ?? [] }
        #expect(parts("2026-02-02T02:59:59.999Z") == [.hourOfWeekdays(2), .hour(2), .all])
        #expect(parts("2026-02-06T23:00:00.000Z").first == .hourOfWeekdays(23))
        #expect(parts("2026-02-07T00:00:00.000Z").first == .hourOfWeekends(0))
        #expect(parts("2026-02-08T23:59:00.000Z").first == .hourOfWeekends(23))
        #expect(parts("2026-02-09T00:00:00.000Z").first == .hourOfWeekdays(0))
        #expect(Part.hour(23).description == "from 23:00 to 00:00 UTC")
        #expect(Part.hourOfWeekends(3).description == "from 03:00 to 04:00 UTC on weekends")
    }

    @Test("a history knows its devices in whatever order it was written")
    func order() throws {
        let names = (1...9).map { DeviceName(rawValue: "gra-eco-\($0)") }
        let known = TrafficHistory(
            before: .minutes(10), after: .minutes(5), spans: 99,
            spreads: names.map { .init(device: $0, interface: "eth0", deviation: 0.5) })
        var stored = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(known)) as? [String: Any])
        stored["spreads"] = try #require(stored["spreads"] as? [Any]).reversed() as [Any]
        let read = try JSONDecoder().decode(
            TrafficHistory.self, from: JSONSerialization.data(withJSONObject: stored))
        #expect(read == known)
        for name in names { #expect(read.deviation(of: name, "eth0") == 0.5) }
    }

    @Test("of five slices and more, one burst and one hole do not move a level")
    func trimmed() throws {
        func change(_ rate: @escaping (Double) -> Double, minutes: Double) throws -> Double {
            var agent = AgentModel()
            agent.rate = rate
            let series = RateSeries(of: "eth0", in: agent.samples(every: 10, to: 2 * minutes * 60))
            let middle = minutes * 60
            return try #require(
                TrafficLevel.change(
                    of: series, from: AgentModel.window(0, middle), to: AgentModel.window(middle, 2 * middle)))
        }
        func burstAndHole(_ second: Double) -> Double {
            switch second {
            case 2100..<2400: 800_000_000
            case 2700..<3000: 8_000_000
            default: 80_000_000
            }
        }
        #expect(abs(try change(burstAndHole, minutes: 30)) < 0.1)
        #expect(try change({ $0 < 1800 ? 80_000_000 : 40_000_000 }, minutes: 30) < -0.68)
        // Ten minutes are two slices, and each of them counts.
        #expect(try change({ $0 < 900 ? 80_000_000 : 40_000_000 }, minutes: 10) < -0.3)
    }

    @Test("an interface that falls back to where it often was lost nothing, one that falls below has")
    func fallsBackToItsFloor() throws {
        let history = try #require(
            history(quarters: 40) { device, quarter in device == 0 && quarter % 20 < 3 ? 1 : 0.001 })
        #expect(history.spread(of: "d0", "eth0")?.quietest == 160_000)
        for (rate, outcome) in [(1_000_000.0, Verdict.Outcome.pass), (10_000, .fail)] {
            let fixture = GateFixture { agent, isTreated, number in
                if isTreated && number == 0 { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : rate } }
            }
            var input = fixture.input
            let spreads = (input.treated + input.control).map { device in
                var own = TrafficHistory.Spread(device: device.name, interface: "eth0", deviation: 0.2)
                own.quietest = 900_000
                return own
            }
            input.history = TrafficHistory(before: .minutes(10), after: .minutes(5), spans: 99, spreads: spreads)
            let verdict = try #require(GateEvaluator.judge(input).first { $0.gate == "traffic" })
            #expect(verdict.outcome == outcome, "\(verdict.reason)")
            #expect(verdict.reason.contains("all but vanished on gra-eco-1") == (outcome == .fail))
        }
    }

    @Test("a drop beyond the reach of the mean is told in its true size")
    func largeDrop() throws {
        let verdict = try verdict(carrying: 0.2) { spread, _ in spread.deviation = 0.1 }
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason.contains("traffic of the wave is 20% of before"), "\(verdict.reason)")
        #expect(verdict.reason.contains("a drop of 80%"), "\(verdict.reason)")
    }

    @Test("a limit far from the usual one is the limit: half may be lost, and more may not", arguments: [0.45, 0.55])
    func otherLimit(part: Double) throws {
        let fixture = GateFixture { agent, isTreated, _ in
            if isTreated { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 80_000_000 * part } }
        }
        let rule = GateRule(
            name: "traffic", condition: .traffic(maximumDrop: .percent(50), minimumRate: BitsPerSecond(10_000)),
            onFail: .rollBack)
        let verdict = try fixture.verdict(of: rule) { input in
            let spreads = (input.treated + input.control).map {
                TrafficHistory.Spread(device: $0.name, interface: "eth0", deviation: 0.1)
            }
            input.history = TrafficHistory(before: .minutes(10), after: .minutes(5), spans: 99, spreads: spreads)
        }
        #expect(verdict.outcome == (part < 0.5 ? .fail : .pass), "\(verdict.reason)")
    }

    /// A wave that carries 60 % of what it did, or another part, judged with a history of that spread.
    private func verdict(carrying part: Double = 0.6, _ spread: (inout TrafficHistory.Spread, Int) -> Void) throws
        -> Verdict
    {
        let fixture = GateFixture { agent, isTreated, _ in
            if isTreated { agent.rate = { $0 < GateFixture.touched ? 80_000_000 : 80_000_000 * part } }
        }
        var input = fixture.input
        let spreads = (input.treated + input.control).map { device in
            var own = TrafficHistory.Spread(device: device.name, interface: "eth0", deviation: 1)
            spread(&own, TrafficHistory.Part.hourOfDay(input.after.from))
            return own
        }
        input.history = TrafficHistory(before: .minutes(10), after: .minutes(5), spans: 99, spreads: spreads)
        return try #require(GateEvaluator.judge(input).first { $0.gate == "traffic" })
    }

    private func hours(_ hour: Int, _ deviation: Double) -> [Double?] {
        (0..<24).map { $0 == hour ? deviation : nil }
    }

    @Test("a wave is judged by how restless its interfaces are at its hour, and the verdict says so")
    func sameHour() throws {
        let whole = try verdict { _, _ in }
        #expect(whole.outcome == .inconclusive, "\(whole.reason)")
        #expect(whole.reason.contains("weighed by how restless each was at all hours"), "\(whole.reason)")
        let other = try verdict { spread, hour in spread.daily = self.hours((hour + 1) % 24, 0.05) }
        #expect(other == whole)
        let same = try verdict { spread, hour in spread.daily = self.hours(hour, 0.05) }
        #expect(same.outcome == .fail, "\(same.reason)")
        let hour = TrafficHistory.Part.hourOfDay(same.after.from)
        #expect(
            same.reason.contains(", weighed by how restless each was \(TrafficHistory.Part.hour(hour).description)"))
        #expect(!same.reason.contains("weekday"))
        let days = try verdict { spread, hour in
            spread.daily = self.hours(hour, 1)
            spread.weekdays = self.hours(hour, 0.05)
            spread.weekends = self.hours(hour, 0.05)
        }
        #expect(days.outcome == .fail)
        #expect(days.reason.contains("UTC on week"), "\(days.reason)")
    }

    @Test("where only few of a wave are known at its hour, the whole history counts")
    func fallsBack() throws {
        let verdict = try verdict { spread, hour in
            if spread.device == "gra-eco-1" { spread.daily = self.hours(hour, 0.05) }
        }
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reason.contains("at all hours"))
    }

    @Test("a plan file keeps the hours, and one of an earlier version is read without them")
    func stored() throws {
        let spread = try history(days: 7).spreads[0]
        let text = try JSONEncoder().encode(spread)
        #expect(try JSONDecoder().decode(TrafficHistory.Spread.self, from: text) == spread)
        let old = #"{"device":"d0","interface":"eth0","deviation":0.25}"#
        let read = try JSONDecoder().decode(TrafficHistory.Spread.self, from: Data(old.utf8))
        #expect(read == TrafficHistory.Spread(device: "d0", interface: "eth0", deviation: 0.25))
    }

    @Test("a history that names devices by their addresses is taken for the devices of an inventory")
    func named() {
        var readings = readings(days: 1, devices: 3)
        let names = ["198.51.100.1:9116", "d1", "[2001:db8::1]:161"]
        let samples = readings.devices.map { readings.samples[.device($0.name)] ?? [] }
        readings.samples = [:]
        for (index, name) in names.enumerated() {
            readings.devices[index].name = DeviceName(rawValue: name)
            readings.samples[.device(DeviceName(rawValue: name))] = samples[index]
        }
        func device(_ name: DeviceName, _ address: String) -> Device {
            Device(name: name, address: address, platform: "linux", range: "eco", datacentre: "gra")
        }
        let found = readings.named(
            after: [device("x", "198.51.100.1"), device("d1", "198.51.100.2"), device("y", "2001:db8::1")])
        #expect(found.devices.map(\.name) == ["x", "d1", "y"])
        #expect(found.samples[.device("x")]?.count == samples[0].count)
        #expect(found.samples[.device("x")]?.first?.subject == .device("x"))
        #expect(found.samples.count == 3)
    }

    @Test("a file that says what Prometheus keeps is read, and mistakes are named with their place")
    func prometheus() throws {
        func read(_ text: String) throws -> PrometheusHistory {
            try PrometheusHistory.read(Array(text.utf8), file: "p.yaml")
        }
        let usual = try read("url: http://127.0.0.1:9090")
        #expect(usual == PrometheusHistory(url: "http://127.0.0.1:9090"))
        #expect(usual.queries == [.inOctets: "ifHCInOctets", .outOctets: "ifHCOutOctets"])
        let own = try read(
            """
            url: http://prometheus:9090
            in_octets: node_network_receive_bytes_total{job="node"}
            out_discards: drops
            interface_label: device
            last: 2d
            until: 2026-03-01T02:00:00.000Z
            step: 30s
            token: env:TOKEN
            """)
        #expect(own.queries.count == 3)
        #expect(own.queries[.inOctets] == #"node_network_receive_bytes_total{job="node"}"#)
        #expect(own.interfaceLabel == "device" && own.deviceLabel == "instance")
        #expect(own.last == .minutes(2880) && own.step == .seconds(30) && own.token == .environment("TOKEN"))
        for (text, place) in [
            ("in_octets: x", "p.yaml:1"), ("url: prometheus", "p.yaml:1"), ("url: http://x\nstep: 10ms", "p.yaml:2"),
            ("url: http://x\ninterface_label: a-b", "p.yaml:2"), ("url: http://x\nquery: up", "p.yaml:2"),
            ("", "p.yaml"),
        ] {
            #expect {
                try read(text)
            } throws: { "\(($0 as? InputError)?.complaints[0].location.description ?? "")".hasPrefix(place) }
        }
    }
}
