import Foundation
import RolloutEngine
import Testing

/// What a journal holds is read by later versions, by dashboards and by people: its form is part of the product.
@Suite("Stored facts")
struct StoredFactsTests {
    @Test("facts are stored under names that say what they are", arguments: stored)
    func form(fact: Fact, text: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(String(decoding: try encoder.encode(fact), as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(Fact.self, from: Data(text.utf8)) == fact)
    }

    @Test("the short way reads what is nearly all of a journal, as the long way does")
    func plain() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let soon = Instant(milliseconds: 1_770_000_000_123)
        var facts: [Fact] = []
        for kind in [DeviceStep.Kind.push, .confirm, .rollBack, .observe] {
            for (name, attempt) in [("gra-1", 1), ("é/ü", 12), ("", 0), ("{\u{7f}}", 999_999_999)] {
                for revertsBy in [nil, soon] {
                    let step = DeviceStep(
                        device: DeviceName(rawValue: name), kind: kind, attempt: attempt, revertsBy: revertsBy)
                    facts += [
                        .intent(step), .outcome(step, .done(revertsAt: nil)), .outcome(step, .done(revertsAt: soon)),
                    ]
                }
            }
        }
        for fact in facts {
            let text = try encoder.encode(fact)
            #expect(text.withUnsafeBytes(PlainFact.read) == fact)
            #expect(try JSONDecoder().decode(Fact.self, from: text) == fact)
            // Cut anywhere it is nothing.
            for end in 0..<text.count { #expect(text.prefix(end).withUnsafeBytes(PlainFact.read) == nil) }
        }
        for (_, text) in Self.stored {
            let plain = Data(text.utf8).withUnsafeBytes(PlainFact.read)
            let isPlain = text == #"{"intent":{"step":\#(Self.stepText)}}"#
            #expect((plain != nil) == isPlain, "\(text)")
        }
    }

    @Test(
        "whatever differs from the usual text is left to the long way",
        arguments: [
            #"{"intent":{"step":{"attempt":01,"device":"a","kind":"push"}}}"#,
            #"{"intent":{"step":{"attempt":-1,"device":"a","kind":"push"}}}"#,
            #"{"intent":{"step":{"attempt":1e1,"device":"a","kind":"push"}}}"#,
            #"{"intent":{"step":{"attempt":10000000000000000000,"device":"a","kind":"push"}}}"#,
            #"{"intent":{"step":{"attempt":1,"device":"a\u0062","kind":"push"}}}"#,
            #"{"intent":{"step":{"attempt":1,"device":"a","kind":"jump"}}}"#,
            #"{"intent":{"step":{"attempt":1,"device":"a","kind":"push","revertsBy":"tomorrow"}}}"#,
            #"{"intent":{"step":{"attempt":1,"device":"a","kind":"push"},"x":1}}"#,
            #"{"intent":{"step":{"attempt":1,"device":"a","kind":"push"}}} "#,
            #"{ "intent":{"step":{"attempt":1,"device":"a","kind":"push"}}}"#,
            #"{"outcome":{"result":{"done":{"x":1}},"step":{"attempt":1,"device":"a","kind":"push"}}}"#,
        ])
    func notPlain(text: String) {
        #expect(Data(text.utf8).withUnsafeBytes(PlainFact.read) == nil)
    }

    private static let step = DeviceStep(device: "gra-1", kind: .rollBack, attempt: 2)
    private static let stepText = #"{"attempt":2,"device":"gra-1","kind":"roll_back"}"#

    private static let stored: [(Fact, String)] = [
        (.driving(holder: "ada"), #"{"driving":{"holder":"ada"}}"#),
        (.waveStarted(wave: 3), #"{"waveStarted":{"wave":3}}"#),
        (.intent(step), #"{"intent":{"step":\#(stepText)}}"#),
        (
            .outcome(step, .found(.pendingOther("edited", Timespan(milliseconds: 1500)))),
            #"{"outcome":{"result":{"found":{"standing":{"pendingOther":{"holds":"edited","left":"1s500ms"}}}},"step":\#(stepText)}}"#
        ),
        (
            .outcome(step, .found(.other("edited"))),
            #"{"outcome":{"result":{"found":{"standing":{"other":{"holds":"edited"}}}},"step":\#(stepText)}}"#
        ),
        (
            .outcome(step, .found(.other("another", isStranger: true))),
            #"{"outcome":{"result":{"found":{"standing":{"other":{"holds":"another","isStranger":true}}}},"step":\#(stepText)}}"#
        ),
        (
            .outcome(step, .found(.pendingPart(Timespan(milliseconds: 1500)))),
            #"{"outcome":{"result":{"found":{"standing":{"pendingPart":{"left":"1s500ms"}}}},"step":\#(stepText)}}"#
        ),
        (
            .outcome(step, .found(.base)),
            #"{"outcome":{"result":{"found":{"standing":{"base":{}}}},"step":\#(stepText)}}"#
        ),
        (.paused(PauseReason(.storeFull, "x")), #"{"paused":{"reason":{"detail":"x","kind":"store_full"}}}"#),
        (.paused(PauseReason(.lineStopped, "x")), #"{"paused":{"reason":{"detail":"x","kind":"line_stopped"}}}"#),
        (.paused(PauseReason(.clockSet, "x")), #"{"paused":{"reason":{"detail":"x","kind":"clock_set"}}}"#),
        (
            .rollingBack(.wave(2), devices: ["gra-1"], because: "x"),
            #"{"rollingBack":{"because":"x","devices":["gra-1"],"scope":{"wave":{"index":2}}}}"#
        ),
        (
            .cohortHeld(Cohort(model: "m", firmware: "1"), failed: ["gra-1"]),
            #"{"cohortHeld":{"cohort":{"firmware":"1","model":"m"},"failed":["gra-1"]}}"#
        ),
        (
            .peakCarried(
                "gra", Verdict.Window(from: Instant(milliseconds: 0), to: Instant(milliseconds: 1)), devices: ["gra-1"]),
            #"{"peakCarried":{"datacentre":"gra","devices":["gra-1"],"peak":{"from":"1970-01-01T00:00:00.000Z","to":"1970-01-01T00:00:00.001Z"}}}"#
        ),
        (
            .requested(OperatorRequest(.release(cohort: Cohort(model: "m", firmware: "1")), by: "ada")),
            #"{"requested":{"request":{"by":"ada","verb":{"release":{"cohort":{"firmware":"1","model":"m"}}}}}}"#
        ),
        (.paused(PauseReason(.beside, "x")), #"{"paused":{"reason":{"detail":"x","kind":"beside"}}}"#),
        (.evidence("gra-1", Evidence(items: [])), #"{"evidence":{"device":"gra-1","evidence":{"items":[]}}}"#),
        (
            .requested(OperatorRequest(.resume(.window), by: "ada")),
            #"{"requested":{"request":{"by":"ada","verb":{"resume":{"kind":"window"}}}}}"#
        ),
        (
            .requested(OperatorRequest(.rollBack(.all), by: "ada", reason: "x")),
            #"{"requested":{"request":{"by":"ada","reason":"x","verb":{"rollBack":{"scope":{"all":{}}}}}}}"#
        ),
        (.finished(.rolledBack), #"{"finished":{"ending":"rolled_back"}}"#),
    ]
}
