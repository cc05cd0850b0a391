import RolloutEngine

/// How a rollout stands, as rows: what the views say, and what `RolloutStatus` says, in one form.
struct StandingRows: Codable, Equatable {
    var rollout: Whole
    var pauses: [Pause]
    var cohorts: [Cohort]
    var waves: [Wave]
    var devices: [Device]

    struct Whole: Codable, Equatable {
        var phase: String
        var driver: String?
        var startedAt: String?
        var endedAt: String?
        var watchingUntil: String?
        var debt: Int
        var cap: Int?
        var counts: [String: Int]
        var incomplete: String?
    }

    struct Pause: Codable, Equatable {
        var kind: String
        var detail: String
        var since: String
    }

    struct Cohort: Codable, Equatable {
        var name: String
        var failed: [String]
        var since: String
    }

    struct Wave: Codable, Equatable {
        var index: Int
        var canary: Bool
        var range: String?
        var datacentre: String?
        var phase: String
        var startedAt: String?
        var soakEndsAt: String?
        var passedAt: String?
        var verdicts: [String]
        var alarms: Int
        var overridden: [String]
    }

    struct Device: Codable, Equatable {
        var wave: Int
        var name: String
        var state: String
        var detail: String?
        var since: String?
        var revertsAt: String?
        var revertsBy: String?
        var retryAt: String?
        var changedAt: String?
        var isUnconfirmed: Bool
        var errorCode: String?
        var isFailed: Bool
        var pushes: Int
        var failuresInRow: Int
        var debtSince: String?
        var peaksCarried: Int
    }
}

extension StandingRows {
    /// What `rollout status` says, and of devices what it follows from.
    init(_ status: RolloutStatus, of plan: Plan, _ state: RolloutState) {
        rollout = Whole(
            phase: status.phase.rawValue, driver: status.driver, startedAt: status.startedAt?.description,
            endedAt: status.endedAt?.description, watchingUntil: status.watchingUntil?.description,
            debt: status.debt?.devices ?? 0,
            cap: plan.policy.peak.flatMap { rule in
                let cap = rule.cap(of: status.total)
                return cap == .max ? nil : cap
            },
            counts: Dictionary(
                uniqueKeysWithValues: RolloutStatus.DevicePhase.allCases.map {
                    ($0.rawValue, status.counts[$0] ?? 0)
                }))
        pauses = status.pauses.map { Pause(kind: $0.kind.rawValue, detail: $0.detail, since: $0.since.description) }
        cohorts = status.cohorts.map { hold in
            Cohort(name: hold.name, failed: hold.failed.map(\.rawValue), since: hold.since.description)
        }
        waves = status.waves.map { wave in
            Wave(
                index: wave.index, canary: wave.canary, range: wave.range?.rawValue,
                datacentre: wave.datacentre?.rawValue, phase: wave.phase.rawValue,
                startedAt: wave.startedAt?.description, soakEndsAt: wave.soakEndsAt?.description,
                passedAt: wave.passedAt?.description,
                verdicts: wave.verdicts.map { "\($0.gate) \($0.outcome.rawValue): \($0.reason)" },
                alarms: wave.alarms.count, overridden: wave.overridden.map(\.rawValue))
        }
        devices = status.waves.flatMap { wave in
            wave.devices.map { device in
                Device(wave.index, device, state[device.name])
            }
        }
    }

    /// A question that gives the rows of a rollout as one line of JSON.
    static func question(_ number: Int64) -> String {
        """
        SELECT json_build_object(
            'rollout', (
                SELECT json_build_object('phase', phase, 'driver', driver, 'startedAt', pg_temp.said(started_at),
                    'endedAt', pg_temp.said(ended_at), 'watchingUntil', pg_temp.said(watching_until), 'debt', in_debt,
                    'cap', debt_cap, 'incomplete', incomplete, 'counts', json_build_object(
                        'waiting', waiting, 'pushing', pushing, 'verifying', verifying, 'confirmed', confirmed,
                        'rolling_back', rolling_back, 'rolled_back', rolled_back, 'failed', failed, 'unknown', unknown))
                FROM rollout_ops.rollouts WHERE rollout = \(number)),
            'pauses', (
                SELECT coalesce(json_agg(json_build_object('kind', kind, 'detail', detail, 'since', pg_temp.said(since))
                    ORDER BY sequence), '[]')
                FROM rollout_ops.pauses WHERE rollout = \(number)),
            'cohorts', (
                SELECT coalesce(json_agg(json_build_object('name', model || ' / ' || firmware, 'failed', failed,
                    'since', pg_temp.said(since)) ORDER BY sequence), '[]')
                FROM rollout_ops.cohort_holds WHERE rollout = \(number)),
            'waves', (
                SELECT json_agg(json_build_object('index', wave, 'canary', canary, 'range', range, 'datacentre', datacentre,
                    'phase', phase, 'startedAt', pg_temp.said(started_at), 'soakEndsAt', pg_temp.said(soak_ends_at),
                    'passedAt', pg_temp.said(passed_at), 'overridden', overridden, 'alarms', alarms, 'verdicts', (
                        SELECT coalesce(json_agg(v.gate || ' ' || v.outcome || ': ' || v.reason ORDER BY v.sequence), '[]')
                        FROM rollout_ops.gate_verdicts v
                        WHERE v.rollout = w.rollout AND v.wave = w.wave AND v.is_current)) ORDER BY wave)
                FROM rollout_ops.waves w WHERE rollout = \(number)),
            'devices', (
                SELECT json_agg(json_build_object('wave', wave, 'name', device, 'state', state, 'detail', detail,
                    'since', pg_temp.said(since), 'revertsAt', pg_temp.said(reverts_at),
                    'revertsBy', pg_temp.said(reverts_by), 'retryAt', pg_temp.said(retry_at),
                    'changedAt', pg_temp.said(changed_at), 'isUnconfirmed', is_unconfirmed, 'errorCode', error_code,
                    'isFailed', is_failed, 'pushes', pushes, 'failuresInRow', failures_in_row,
                    'debtSince', pg_temp.said(debt_since), 'peaksCarried', peaks_carried) ORDER BY wave, place)
                FROM rollout_ops.devices WHERE rollout = \(number)))::text;

        """
    }

    /// How times are written, for a session that asks.
    static let preparation = """
        SET TimeZone = 'UTC';
        CREATE FUNCTION pg_temp.said(timestamptz) RETURNS text LANGUAGE sql
        RETURN to_char($1, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

        """
}

extension StandingRows.Device {
    init(_ wave: Int, _ device: RolloutStatus.DeviceStatus, _ state: DeviceState) {
        self.wave = wave
        name = device.name.rawValue
        self.state = device.state.rawValue
        detail = device.detail
        since = device.since?.description
        revertsAt = device.revertsAt?.description
        revertsBy = device.revertsBy?.description
        retryAt = state.retryAt?.description
        changedAt = state.changedAt?.description
        isUnconfirmed = state.isUnsettled || state.isUnknown
        errorCode = (state.failure ?? state.lastError)?.code.rawValue
        isFailed = state.failure != nil
        pushes = state.attempts[.push]
        failuresInRow = state.failuresInARow
        debtSince = state.debtSince?.description
        peaksCarried = state.peaksCarried
    }
}
