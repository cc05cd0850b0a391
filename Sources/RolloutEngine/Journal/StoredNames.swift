// The names under which unlabelled values are stored as JSON, in the journal and in plans: `{"intent": {"step": …}}`. Without
// them Swift would write `_0`, and a change of order in the source would silently be a change of the stored form.

extension Fact {
    enum IntentCodingKeys: String, CodingKey { case _0 = "step" }
    enum OutcomeCodingKeys: String, CodingKey {
        case _0 = "step"
        case _1 = "result"
    }
    enum JudgedCodingKeys: String, CodingKey {
        case wave
        case _1 = "verdict"
    }
    enum AlarmCodingKeys: String, CodingKey { case _0 = "alarm" }
    enum PausedCodingKeys: String, CodingKey { case _0 = "reason" }
    enum RollingBackCodingKeys: String, CodingKey {
        case _0 = "scope"
        case devices
        case because
    }
    enum CohortHeldCodingKeys: String, CodingKey {
        case _0 = "cohort"
        case failed
    }
    enum PeakCarriedCodingKeys: String, CodingKey {
        case _0 = "datacentre"
        case _1 = "peak"
        case devices
    }
    enum EvidenceCodingKeys: String, CodingKey {
        case _0 = "device"
        case _1 = "evidence"
    }
    enum RequestedCodingKeys: String, CodingKey { case _0 = "request" }
    enum FinishedCodingKeys: String, CodingKey { case _0 = "ending" }
}

extension StepResult {
    enum FoundCodingKeys: String, CodingKey { case _0 = "standing" }
    enum FailedCodingKeys: String, CodingKey { case _0 = "error" }
}

extension Standing {
    enum PendingTargetCodingKeys: String, CodingKey { case _0 = "left" }
    enum PendingBaseCodingKeys: String, CodingKey { case _0 = "left" }
    enum PendingPartCodingKeys: String, CodingKey { case _0 = "left" }
    enum PendingOtherCodingKeys: String, CodingKey {
        case _0 = "holds"
        case _1 = "left"
    }
    enum OtherCodingKeys: String, CodingKey {
        case _0 = "holds"
        case isStranger
    }
}

extension RollbackScope {
    enum DevicesCodingKeys: String, CodingKey { case _0 = "names" }
    enum WaveCodingKeys: String, CodingKey { case _0 = "index" }
}

extension OperatorRequest.Verb {
    enum ResumeCodingKeys: String, CodingKey { case _0 = "kind" }
    enum RollBackCodingKeys: String, CodingKey { case _0 = "scope" }
}

extension Intent {
    enum ShapeCodingKeys: String, CodingKey { case _0 = "shaping" }
    enum PoliceCodingKeys: String, CodingKey { case _0 = "policing" }
    enum FileCodingKeys: String, CodingKey { case _0 = "file" }
}

extension BindingConstraint {
    enum WaveSizeCodingKeys: String, CodingKey { case _0 = "devices" }
    enum PeakDebtCodingKeys: String, CodingKey { case _0 = "devices" }
    enum WaveShareCodingKeys: String, CodingKey {
        case _0 = "share"
        case _1 = "devices"
    }
    enum IsolationCodingKeys: String, CodingKey { case _0 = "domain" }
}

extension ObjectReading.Value {
    enum CounterCodingKeys: String, CodingKey { case _0 = "count" }
    enum LevelCodingKeys: String, CodingKey { case _0 = "number" }
    enum StateCodingKeys: String, CodingKey { case _0 = "number" }
}

extension ServiceFact {
    enum ScheduleSetCodingKeys: String, CodingKey { case _0 = "schedule" }
    enum ScheduleRemovedCodingKeys: String, CodingKey { case _0 = "name" }
    enum ScheduleBegunCodingKeys: String, CodingKey {
        case _0 = "name"
        case occurrence
    }
    enum ScheduleStartedCodingKeys: String, CodingKey {
        case _0 = "name"
        case occurrence
        case rollout
    }
    enum ScheduleSkippedCodingKeys: String, CodingKey {
        case _0 = "name"
        case occurrence
        case because
    }
    enum TokenIssuedCodingKeys: String, CodingKey { case _0 = "token" }
    enum TokenRevokedCodingKeys: String, CodingKey { case _0 = "id" }
    enum JournalSealedCodingKeys: String, CodingKey {
        case _0 = "rollout"
        case _1 = "seal"
    }
    enum AlertReceivedCodingKeys: String, CodingKey { case _0 = "alert" }
    enum ChannelOpenedCodingKeys: String, CodingKey {
        case _0 = "channel"
        case newest
    }
    enum MessageBegunCodingKeys: String, CodingKey { case _0 = "message" }
    enum MessageSettledCodingKeys: String, CodingKey {
        case _0 = "channel"
        case message
        case notices
        case failure
    }
}

extension Schedule.Work {
    enum AnewCodingKeys: String, CodingKey {
        case _0 = "inputs"
        case approved
    }
}

extension Schedule.Timing {
    enum CronCodingKeys: String, CodingKey {
        case _0 = "expression"
        case zone
    }
    enum OnceCodingKeys: String, CodingKey { case _0 = "at" }
    enum WindowsCodingKeys: String, CodingKey { case _0 = "datacentres" }
}
