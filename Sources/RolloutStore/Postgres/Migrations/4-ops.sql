-- What dashboards read: docs/ops-views.md. Columns are only added; whoever takes one away or changes what it means raises the
-- version. Every time is a timestamptz, every rate is in bit/s.

CREATE SCHEMA rollout_ops;
COMMENT ON SCHEMA rollout_ops IS 'Views for dashboards. The only schema that role rollout_viewer reads.';

CREATE VIEW rollout_ops.version AS SELECT 1 AS version;

-- For lists to choose from.
CREATE VIEW rollout_ops.titles AS
SELECT o.id AS rollout, o.title, rollout_projection.instant(o.created_at) AS created_at FROM rollout.rollouts o;
CREATE VIEW rollout_ops.places AS
SELECT p.datacentre, p.range, max(p.rollout) AS newest_rollout FROM rollout_projection.plan_places p GROUP BY p.datacentre, p.range;

-- Who drives what now. A lease that ran out drives nothing.
CREATE VIEW rollout_ops.drivers AS
SELECT l.rollout, l.holder AS driver, l.fence, rollout_projection.instant(l.expires_at) AS expires_at
FROM rollout.leases l WHERE rollout_projection.instant(l.expires_at) > now();

-- Devices of plans, and where they stand now. As `rollout status` says it.
CREATE VIEW rollout_ops.devices AS
SELECT d.rollout, p.wave, p.place, d.device, p.datacentre, p.range, p.platform, p.model, p.firmware,
    rollout_projection.device_state(d.phase, d.step, d.wanted, l.driver IS NOT NULL) AS state,
    CASE d.phase
        WHEN 'waiting' THEN CASE WHEN d.retry_at IS NOT NULL THEN concat('will be tried again', ': ' || coalesce(d.failure, d.last_error)) END
        WHEN 'in_flight' THEN CASE
            WHEN l.driver IS NULL THEN format('a %s was begun and nobody knows how it ended: it has to be asked', d.step)
            WHEN d.step = 'observe' THEN concat('being asked where it stands', ': ' || coalesce(d.failure, d.last_error))
            ELSE coalesce(d.failure, d.last_error)
        END
        WHEN 'applied' THEN CASE
            WHEN l.driver IS NULL THEN 'applied, not confirmed: it reverts by itself' ELSE coalesce(d.failure, d.last_error)
        END
        WHEN 'in_doubt' THEN concat('it has to be asked', ': ' || coalesce(d.failure, d.last_error))
        WHEN 'stranded' THEN d.stranded
        ELSE coalesce(d.failure, d.last_error)
    END AS detail,
    d.since, d.reverts_at, d.reverts_by, d.retry_at, d.changed_at,
    d.phase IN ('in_flight', 'applied', 'in_doubt', 'must_revert', 'stranded') AS is_unconfirmed,
    d.failure IS NOT NULL AS is_failed, coalesce(d.failure_code, d.last_error_code) AS error_code, d.pushes, d.failures_in_row,
    d.phase = 'in_flight' AND l.driver IS NOT NULL AS is_in_flight, CASE d.phase WHEN 'in_flight' THEN d.step END AS step,
    p.growth_bps, p.has_revert_timer, p.links, p.domains,
    -- Whether it has not carried its peaks yet, as policies ask of it.
    coalesce(r.has_gates AND r.ending IS NULL AND p.is_watched AND d.phase = 'confirmed' AND d.wanted = 'target'
        AND d.peaks_carried < r.peak_days AND 'peak' <> ALL (w.overridden), false) AS is_in_debt,
    d.debt_since, d.peaks_carried
FROM rollout_projection.devices d
JOIN rollout_projection.rollouts r ON r.rollout = d.rollout
LEFT JOIN rollout_projection.plan_devices p ON p.rollout = d.rollout AND p.device = d.device
LEFT JOIN rollout_projection.waves w ON w.rollout = d.rollout AND w.wave = p.wave
LEFT JOIN rollout_ops.drivers l ON l.rollout = d.rollout;

-- Rollouts and where they stand as a whole.
CREATE VIEW rollout_ops.rollouts AS
SELECT o.id AS rollout, o.title, o.plan_digest, o.created_by, rollout_projection.instant(o.created_at) AS created_at,
    r.inventory, r.policy, r.started_at, r.ended_at, l.driver, r.last_entry_at,
    CASE
        WHEN r.ending IS NOT NULL THEN r.ending
        WHEN now_counts.rolling_back > 0 THEN CASE WHEN l.driver IS NULL THEN 'unattended' ELSE 'rolling_back' END
        WHEN paused.reasons IS NOT NULL THEN 'paused'
        WHEN l.driver IS NULL THEN CASE WHEN r.started_at IS NULL THEN 'waiting' ELSE 'unattended' END
        WHEN r.started_at IS NULL THEN 'waiting'
        WHEN now_counts.in_debt > 0 AND NOT now_counts.is_something_left THEN 'watching'
        ELSE 'running'
    END AS phase,
    paused.reasons AS pauses, paused.since AS paused_since, r.devices,
    coalesce((r.final_counts ->> 'waiting')::bigint, now_counts.waiting, 0) AS waiting,
    coalesce((r.final_counts ->> 'pushing')::bigint, now_counts.pushing, 0) AS pushing,
    coalesce((r.final_counts ->> 'verifying')::bigint, now_counts.verifying, 0) AS verifying,
    coalesce((r.final_counts ->> 'confirmed')::bigint, now_counts.confirmed, 0) AS confirmed,
    coalesce((r.final_counts ->> 'rolling_back')::bigint, now_counts.rolling_back, 0) AS rolling_back,
    coalesce((r.final_counts ->> 'rolled_back')::bigint, now_counts.rolled_back, 0) AS rolled_back,
    coalesce((r.final_counts ->> 'failed')::bigint, now_counts.failed, 0) AS failed,
    coalesce((r.final_counts ->> 'unknown')::bigint, now_counts.unknown, 0) AS unknown,
    coalesce(now_counts.in_debt, 0) AS in_debt, r.peak_cap AS debt_cap,
    CASE WHEN r.started_at IS NULL AND l.driver IS NOT NULL AND r.has_gates
        AND EXISTS (SELECT 1 FROM rollout_projection.plan_waves w WHERE w.rollout = o.id)
        THEN r.driven_since + r.baseline_ms * interval '1 ms' END AS watching_until,
    r.sequence AS facts,
    -- Why dashboards do not show all of it; null when they do.
    coalesce('the plan cannot be read: ' || r.unreadable, 'not followed from ' || r.trouble) AS incomplete
FROM rollout.rollouts o
JOIN rollout_projection.rollouts r ON r.rollout = o.id
LEFT JOIN rollout_ops.drivers l ON l.rollout = o.id
LEFT JOIN LATERAL (
    SELECT string_agg(p.kind, ', ' ORDER BY p.sequence) AS reasons, min(p.since) AS since
    FROM rollout_projection.pauses p WHERE p.rollout = o.id) AS paused ON true
-- Of a rollout that ended, devices were counted when it did.
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE d.state = 'waiting') AS waiting, count(*) FILTER (WHERE d.state = 'pushing') AS pushing,
        count(*) FILTER (WHERE d.state = 'verifying') AS verifying, count(*) FILTER (WHERE d.state = 'confirmed') AS confirmed,
        count(*) FILTER (WHERE d.state = 'rolling_back') AS rolling_back,
        count(*) FILTER (WHERE d.state = 'rolled_back') AS rolled_back, count(*) FILTER (WHERE d.state = 'failed') AS failed,
        count(*) FILTER (WHERE d.state = 'unknown') AS unknown, count(*) FILTER (WHERE d.is_in_debt) AS in_debt,
        -- What waits for a held cohort alone is not waited for.
        coalesce(bool_or(NOT (d.state = 'waiting' AND h.rollout IS NOT NULL) AND (d.state = 'waiting' OR w.passed_at IS NULL)), false)
            AS is_something_left
    FROM rollout_ops.devices d
    LEFT JOIN rollout_projection.waves w ON w.rollout = d.rollout AND w.wave = d.wave
    LEFT JOIN rollout_projection.cohort_holds h ON h.rollout = d.rollout AND h.model = d.model AND h.firmware = d.firmware
    WHERE d.rollout = o.id AND r.final_counts IS NULL) AS now_counts ON true;

-- Why rollouts stand still.
CREATE VIEW rollout_ops.pauses AS
SELECT p.rollout, o.title, p.kind, p.detail, p.since, p.sequence
FROM rollout_projection.pauses p JOIN rollout.rollouts o ON o.id = p.rollout;

-- Cohorts to which nothing more is pushed.
CREATE VIEW rollout_ops.cohort_holds AS
SELECT h.rollout, h.model, h.firmware, h.failed, h.since, h.sequence FROM rollout_projection.cohort_holds h;

-- Devices that a plan left out, and why.
CREATE VIEW rollout_ops.skipped AS
SELECT s.rollout, s.device, s.reason, s.detail FROM rollout_projection.plan_skipped s;

-- Waves and where they stand.
CREATE VIEW rollout_ops.waves AS
SELECT w.rollout, w.wave, p.canary, p.range, p.datacentre,
    CASE
        WHEN w.rolled_back_at IS NOT NULL THEN 'rolled_back'
        WHEN w.passed_at IS NOT NULL THEN 'passed'
        WHEN w.judged_at IS NOT NULL THEN 'held'
        WHEN w.is_alarmed AND EXISTS (SELECT 1 FROM rollout_projection.pauses h WHERE h.rollout = w.rollout) THEN 'held'
        WHEN w.soak_started_at IS NOT NULL THEN 'soaking'
        WHEN w.started_at IS NULL THEN 'waiting'
        ELSE 'pushing'
    END AS phase,
    w.started_at, w.soak_started_at, w.soak_started_at + p.soak_ms * interval '1 ms' AS soak_ends_at, w.judged_at, w.passed_at,
    w.rolled_back_at, p.binding, w.overridden, p.devices, counted.waiting, counted.pushing, counted.verifying, counted.confirmed,
    counted.rolling_back, counted.rolled_back, counted.failed, counted.unknown,
    (SELECT string_agg(v.gate || ' ' || v.outcome, ', ' ORDER BY v.sequence) FROM rollout_projection.verdicts v
        WHERE v.rollout = w.rollout AND v.wave = w.wave AND v.sequence > w.judged_after) AS gates,
    (SELECT count(*) FROM rollout_projection.alarms a
        WHERE a.rollout = w.rollout AND a.wave = w.wave AND a.sequence > w.alarms_after) AS alarms
FROM rollout_projection.waves w
JOIN rollout_projection.plan_waves p ON p.rollout = w.rollout AND p.wave = w.wave
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE d.state = 'waiting') AS waiting, count(*) FILTER (WHERE d.state = 'pushing') AS pushing,
        count(*) FILTER (WHERE d.state = 'verifying') AS verifying, count(*) FILTER (WHERE d.state = 'confirmed') AS confirmed,
        count(*) FILTER (WHERE d.state = 'rolling_back') AS rolling_back,
        count(*) FILTER (WHERE d.state = 'rolled_back') AS rolled_back, count(*) FILTER (WHERE d.state = 'failed') AS failed,
        count(*) FILTER (WHERE d.state = 'unknown') AS unknown
    FROM rollout_ops.devices d WHERE d.rollout = w.rollout AND d.wave = w.wave) AS counted ON true;

-- What happened, fact by fact.
CREATE VIEW rollout_ops.events AS
SELECT to_timestamp(e.at / 1000::float8) AS at, e.rollout, e.sequence, e.kind, e.device, e.fence,
    CASE e.kind
        WHEN 'created' THEN 'created by ' || (e.fact #>> '{created,by}')
        WHEN 'driving' THEN 'driven by ' || (e.fact #>> '{driving,holder}')
        WHEN 'wave_started' THEN 'wave ' || (e.fact #>> '{waveStarted,wave}') || ' started'
        WHEN 'soak_started' THEN 'wave ' || (e.fact #>> '{soakStarted,wave}') || ' soaks'
        WHEN 'wave_passed' THEN 'wave ' || (e.fact #>> '{wavePassed,wave}') || ' passed'
        WHEN 'intent' THEN (e.fact #>> '{intent,step,kind}') || ' begun, attempt ' || (e.fact #>> '{intent,step,attempt}')
        WHEN 'outcome' THEN concat(
            e.fact #>> '{outcome,step,kind}',
            CASE
                WHEN e.fact #> '{outcome,result,done}' IS NOT NULL THEN ' done'
                WHEN e.fact #> '{outcome,result,failed}' IS NOT NULL THEN
                    ' failed: ' || replace(e.fact #>> '{outcome,result,failed,error,code}', '_', ' ') || ': '
                        || (e.fact #>> '{outcome,result,failed,error,message}')
                ELSE concat(
                    ': found ', (SELECT lower(regexp_replace(k, '([A-Z])', ' \1')) FROM json_object_keys(e.fact #> '{outcome,result,found,standing}') AS k LIMIT 1),
                    ': ' || coalesce(
                        e.fact #>> '{outcome,result,found,standing,other,holds}',
                        e.fact #>> '{outcome,result,found,standing,pendingOther,holds}'))
            END)
        WHEN 'judged' THEN concat(
            'gate ', e.fact #>> '{judged,verdict,gate}', ' of wave ', e.fact #>> '{judged,wave}', ': ',
            e.fact #>> '{judged,verdict,outcome}', ': ' || (e.fact #>> '{judged,verdict,reason}'))
        WHEN 'alarm' THEN concat('alarm in wave ', e.fact #>> '{alarm,alarm,wave}', ': ', e.fact #>> '{alarm,alarm,reason}')
        WHEN 'paused' THEN concat('paused, ', replace(e.fact #>> '{paused,reason,kind}', '_', ' '), ': ', e.fact #>> '{paused,reason,detail}')
        WHEN 'cohort_held' THEN concat(
            'cohort ', e.fact #>> '{cohortHeld,cohort,model}', ' / ', e.fact #>> '{cohortHeld,cohort,firmware}', ' held: ',
            json_array_length(e.fact #> '{cohortHeld,failed}'), ' of it failed')
        WHEN 'peak_carried' THEN concat(
            'peak of ', e.fact #>> '{peakCarried,datacentre}', ' carried by ', json_array_length(e.fact #> '{peakCarried,devices}'), ' devices')
        WHEN 'rolling_back' THEN concat(
            'put back: ', json_array_length(e.fact #> '{rollingBack,devices}'), ' devices: ', e.fact #>> '{rollingBack,because}')
        WHEN 'evidence' THEN concat('evidence collected: ', json_array_length(e.fact #> '{evidence,evidence,items}'), ' items')
        WHEN 'requested' THEN concat(
            e.fact #>> '{requested,request,by}', ' asked: ',
            (SELECT lower(regexp_replace(k, '([A-Z])', ' \1')) FROM json_object_keys(e.fact #> '{requested,request,verb}') AS k LIMIT 1),
            ': ' || (e.fact #>> '{requested,request,reason}'))
        WHEN 'finished' THEN 'ended: ' || replace(e.fact #>> '{finished,ending}', '_', ' ')
    END AS text
FROM rollout.entries e;

-- All that was done on devices, over time.
CREATE VIEW rollout_ops.device_events AS
SELECT v.at, v.rollout, v.sequence, v.device, v.kind, v.text FROM rollout_ops.events v WHERE v.device IS NOT NULL;

-- Steps on devices, how long they took, in which state they left the device.
CREATE VIEW rollout_ops.durations AS
SELECT s.rollout, s.sequence, s.device, p.wave, p.datacentre, p.range, p.platform, p.model, p.firmware, s.kind, s.attempt, s.began_at,
    s.ended_at, extract(epoch FROM s.ended_at - s.began_at)::float8 AS seconds, s.outcome, s.error_code, s.detail, s.state_after
FROM rollout_projection.steps s
LEFT JOIN rollout_projection.plan_devices p ON p.rollout = s.rollout AND p.device = s.device;

-- Of the steps that began in an hour: how many there were, and how long they took together, in seconds.
CREATE VIEW rollout_ops.durations_1h AS
SELECT h.at AS hour, h.datacentre, h.range, h.kind, h.outcome, h.steps, h.seconds, h.longest FROM rollout_projection.step_hours h;

-- Steps that failed.
CREATE VIEW rollout_ops.failures AS
SELECT f.at, f.rollout, f.device, p.wave, p.datacentre, p.range, p.platform, p.model, p.firmware, f.kind, f.code, f.message
FROM rollout_projection.failures f
LEFT JOIN rollout_projection.plan_devices p ON p.rollout = f.rollout AND p.device = f.device;

-- Of each cohort (model and firmware) of a rollout: how many of its devices stand where.
CREATE VIEW rollout_ops.failures_by_cohort AS
SELECT d.rollout, coalesce(d.model, 'unknown') AS model, coalesce(d.firmware, 'unknown') AS firmware, count(*) AS devices,
    count(*) FILTER (WHERE d.pushes > 0 OR d.changed_at IS NOT NULL) AS pushed, count(*) FILTER (WHERE d.state = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE d.is_failed) AS failed, count(*) FILTER (WHERE d.state = 'rolled_back') AS rolled_back,
    count(*) FILTER (WHERE d.state = 'unknown') AS unknown, bool_or(h.rollout IS NOT NULL) AS is_held
FROM rollout_ops.devices d
LEFT JOIN rollout_projection.cohort_holds h ON h.rollout = d.rollout AND h.model = d.model AND h.firmware = d.firmware
GROUP BY d.rollout, 2, 3;

-- What gates concluded and why. is_current: the newest of its gate, and not of an earlier try of its wave.
CREATE VIEW rollout_ops.gate_verdicts AS
SELECT v.at, v.rollout, v.sequence, v.wave, v.gate, v.outcome, v.reason, v.failed, v.subjects, v.before_from, v.before_to, v.after_from,
    v.after_to, v.sequence > w.judged_after AND NOT EXISTS (
        SELECT 1 FROM rollout_projection.verdicts n
        WHERE n.rollout = v.rollout AND n.wave = v.wave AND n.gate = v.gate AND n.sequence > v.sequence) AS is_current,
    v.gate = ANY (w.overridden) AS is_overridden
FROM rollout_projection.verdicts v
LEFT JOIN rollout_projection.waves w ON w.rollout = v.rollout AND w.wave = v.wave;

-- What a verdict found, subject by subject. Ask for one rollout and one sequence.
CREATE VIEW rollout_ops.gate_findings AS
SELECT to_timestamp(e.at / 1000::float8) AS at, e.rollout, e.sequence, (e.fact #>> '{judged,wave}')::integer AS wave,
    e.fact #>> '{judged,verdict,gate}' AS gate, f ->> 'subject' AS subject, (f ->> 'failed')::boolean AS is_failed,
    (f ->> 'isControl')::boolean AS is_control, (f ->> 'before')::float8 AS before, (f ->> 'after')::float8 AS after,
    (f ->> 'limit')::float8 AS limit, f ->> 'unit' AS unit,
    replace(f #>> '{unknown,code}', '_', ' ') || ': ' || (f #>> '{unknown,detail}') AS unknown
FROM rollout.entries e, json_array_elements(e.fact #> '{judged,verdict,findings}') AS f
WHERE e.kind = 'judged';

CREATE VIEW rollout_ops.alarms AS
SELECT a.at, a.rollout, a.sequence, a.wave, a.gate, a.action, a.subjects, a.reason FROM rollout_projection.alarms a;

-- Devices with a step under way.
CREATE VIEW rollout_ops.in_flight AS
SELECT d.rollout, o.title, d.wave, d.device, d.datacentre, d.range, d.step, d.since, d.reverts_at, d.reverts_by
FROM rollout_projection.rollouts r
JOIN rollout.rollouts o ON o.id = r.rollout
CROSS JOIN LATERAL (SELECT * FROM rollout_ops.devices v WHERE v.rollout = r.rollout AND v.is_in_flight) AS d
WHERE r.ending IS NULL;

-- Devices that may hold the change without having proved it: nobody may forget one.
CREATE VIEW rollout_ops.unconfirmed AS
SELECT d.rollout, o.title, d.wave, d.device, d.datacentre, d.range, d.state, d.detail, d.since, d.reverts_at, d.reverts_by
FROM rollout_projection.rollouts r
JOIN rollout.rollouts o ON o.id = r.rollout
CROSS JOIN LATERAL (SELECT * FROM rollout_ops.devices v WHERE v.rollout = r.rollout AND v.is_unconfirmed) AS d
WHERE r.final_counts IS NULL OR r.final_counts ?| ARRAY['unknown', 'verifying', 'rolling_back'];

-- Devices that have not carried their peaks yet, by rollout and datacentre.
CREATE VIEW rollout_ops.peak_debt AS
SELECT r.rollout, o.title, d.datacentre, d.devices, d.oldest, d.least_carried, r.peak_days AS peaks, r.peak_cap AS cap
FROM rollout_projection.rollouts r
JOIN rollout.rollouts o ON o.id = r.rollout
CROSS JOIN LATERAL (
    SELECT v.datacentre, count(*) AS devices, min(v.debt_since) AS oldest, min(v.peaks_carried) AS least_carried
    FROM rollout_ops.devices v WHERE v.rollout = r.rollout AND v.is_in_debt GROUP BY v.datacentre) AS d
WHERE r.ending IS NULL AND r.peak_days IS NOT NULL;

-- Links as plans have them.
CREATE VIEW rollout_ops.links AS
SELECT l.rollout, l.link, l.capacity_bps, l.cap_bps, l.measured_bps, l.predicted_bps, l.interface, l.direction
FROM rollout_projection.plan_links l;

-- Each link as the newest plan with it has it.
CREATE VIEW rollout_ops.newest_links AS
SELECT DISTINCT ON (l.link) l.link, l.rollout, l.capacity_bps, l.cap_bps, l.measured_bps, l.predicted_bps, l.interface, l.direction
FROM rollout_projection.plan_links l ORDER BY l.link, l.rollout DESC;

-- What plans predict of links, wave by wave.
CREATE VIEW rollout_ops.link_predictions AS
SELECT p.rollout, p.wave, p.link, p.predicted_bps, p.cap_bps, w.started_at, w.passed_at
FROM rollout_projection.plan_wave_links p
JOIN rollout_projection.waves w ON w.rollout = p.rollout AND w.wave = p.wave;

-- Traffic in steps of five minutes and of an hour.
CREATE VIEW rollout_ops.traffic_5m AS
SELECT t.at, CASE s.subject_kind WHEN 0 THEN 'device' ELSE 'link' END AS kind, s.subject, s.interface, s.datacentre, s.range, t.samples,
    t.unknown, t.in_bps, t.out_bps, t.max_in_bps, t.max_out_bps, t.errors_ps, t.discards_ps
FROM rollout_projection.traffic_5m t JOIN rollout_projection.series s USING (series);
CREATE VIEW rollout_ops.traffic_1h AS
SELECT t.at, CASE s.subject_kind WHEN 0 THEN 'device' ELSE 'link' END AS kind, s.subject, s.interface, s.datacentre, s.range, t.samples,
    t.unknown, t.in_bps, t.out_bps, t.max_in_bps, t.max_out_bps, t.errors_ps, t.discards_ps
FROM rollout_projection.traffic_1h t JOIN rollout_projection.series s USING (series);

-- The newest five minutes.
CREATE VIEW rollout_ops.traffic_now AS
SELECT t.at, CASE s.subject_kind WHEN 0 THEN 'device' ELSE 'link' END AS kind, s.subject, s.interface, s.datacentre, s.range, t.samples,
    t.unknown, t.in_bps, t.out_bps, t.max_in_bps, t.max_out_bps, t.errors_ps, t.discards_ps
FROM rollout_projection.traffic_5m t JOIN rollout_projection.series s USING (series)
WHERE t.at = (SELECT max(p.at) FROM rollout_projection.traffic_places p);

-- Traffic of all devices of a range in a datacentre, in steps of five minutes and of an hour.
CREATE VIEW rollout_ops.traffic_by_place AS
SELECT t.at, t.datacentre, t.range, t.interfaces, t.unknown, t.in_bps, t.out_bps, t.errors_ps, t.discards_ps
FROM rollout_projection.traffic_places t;
CREATE VIEW rollout_ops.traffic_by_place_1h AS
SELECT t.at, t.datacentre, t.range, t.interfaces, t.unknown, t.in_bps, t.out_bps, t.errors_ps, t.discards_ps
FROM rollout_projection.traffic_places_1h t;

-- The load of links in steps of five minutes and of an hour, against what the newest plan with them allows and predicts.
CREATE VIEW rollout_ops.link_load AS
SELECT t.at, s.subject AS link, l.rollout, CASE l.direction WHEN 'in' THEN t.in_bps ELSE t.out_bps END AS load_bps,
    CASE l.direction WHEN 'in' THEN t.max_in_bps ELSE t.max_out_bps END AS max_load_bps, l.cap_bps, l.predicted_bps, l.capacity_bps,
    CASE l.direction WHEN 'in' THEN t.in_bps ELSE t.out_bps END / nullif(l.capacity_bps, 0)::float8 AS share, t.discards_ps, t.errors_ps,
    t.unknown
FROM rollout_projection.series s
JOIN rollout_ops.newest_links l ON l.link = s.subject AND l.interface = s.interface
JOIN rollout_projection.traffic_5m t ON t.series = s.series
WHERE s.subject_kind = 1;
CREATE VIEW rollout_ops.link_load_1h AS
SELECT t.at, s.subject AS link, l.rollout, CASE l.direction WHEN 'in' THEN t.in_bps ELSE t.out_bps END AS load_bps,
    CASE l.direction WHEN 'in' THEN t.max_in_bps ELSE t.max_out_bps END AS max_load_bps, l.cap_bps, l.predicted_bps, l.capacity_bps,
    CASE l.direction WHEN 'in' THEN t.in_bps ELSE t.out_bps END / nullif(l.capacity_bps, 0)::float8 AS share, t.discards_ps, t.errors_ps,
    t.unknown
FROM rollout_projection.series s
JOIN rollout_ops.newest_links l ON l.link = s.subject AND l.interface = s.interface
JOIN rollout_projection.traffic_1h t ON t.series = s.series
WHERE s.subject_kind = 1;

-- The rates of one device, reading by reading, as long as its samples are kept.
CREATE FUNCTION rollout_ops.device_rates(device text, from_instant timestamptz, to_instant timestamptz) RETURNS TABLE (
    at timestamptz, interface text, is_unknown boolean, in_bps double precision, out_bps double precision,
    errors_ps double precision, discards_ps double precision
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.at, r.interface, r.is_unknown, r.in_bps, r.out_bps, r.errors_ps, r.discards_ps
    FROM rollout_projection.rates(NULL, device, from_instant, to_instant) AS r WHERE r.subject_kind = 0;
END;
