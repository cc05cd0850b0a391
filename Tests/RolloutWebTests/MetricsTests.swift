import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("Metrics")
struct MetricsTests {
    @Test("what Prometheus reads is what the journal says, without a label for each device")
    func values() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(
            ["gra-1", "gra-2", "gra-3", "gra-4", "gra-5"], title: "say \"double\"\\\n")
        try await running.playTrouble()
        let secret = try await fixture.token(.viewer)
        try await fixture.serve { client async throws in
            #expect(try await client.ask("/metrics").status == 401)
            let answer = try await client.ask("/metrics", token: secret)
            #expect(answer.header("content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
            let lines = Set(answer.text.split(separator: "\n").map(String.init))
            for line in [
                #"rollout_devices{rollout="1",dc="gra",state="confirmed"} 3"#,
                #"rollout_devices{rollout="1",dc="gra",state="failed"} 1"#,
                #"rollout_devices{rollout="1",dc="gra",state="unknown"} 1"#,
                #"rollout_devices{rollout="1",dc="gra",state="waiting"} 0"#,
                #"rollout_paused{rollout="1",kind="gate_failed"} 1"#,
                #"rollout_unconfirmed_devices{rollout="1"} 1"#,
                #"rollout_device_pushes_total{rollout="1",dc="gra",range="eco",outcome="applied"} 3"#,
                #"rollout_device_pushes_total{rollout="1",dc="gra",range="eco",outcome="failed"} 2"#,
                #"rollout_push_duration_seconds_bucket{rollout="1",le="2"} 5"#,
                #"rollout_gate_evaluations_total{rollout="1",gate="traffic",verdict="fail"} 1"#,
                #"rollout_phase{rollout="1",phase="paused",title="say \"double\"\\\\n"} 1"#,
            ] { #expect(lines.contains(line), "\(line)") }
            #expect(!answer.text.contains("gra-2"))
            // Every line is a comment or a value, and each metric is described once.
            let shape = /([a-z_]+)(\{[a-z]+="(?:[^"\\]|\\.)*"(?:,[a-z]+="(?:[^"\\]|\\.)*")*\})? [-+0-9.e]+(Inf)?/
            for line in lines where !line.hasPrefix("#") { #expect(line.wholeMatch(of: shape) != nil, "\(line)") }
            let types = answer.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            #expect(Set(types).count == types.count)
        }
    }

    @Test("a token of one datacentre reads the metrics of nothing else")
    func scope() async throws {
        let fixture = WebFixture()
        _ = try await fixture.makeRollout(["a", "b", "c"], datacentre: "rbx")
        let secret = try await fixture.token(.admin, datacentres: ["gra"])
        try await fixture.serve { client async throws in
            #expect(try await client.ask("/metrics", token: secret).text.contains("rbx") == false)
        }
    }
}
