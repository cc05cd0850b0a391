-- What dashboards read, worked out from plans and facts as they are written. All of it follows from schema rollout and can be made
-- again: SELECT rollout_projection.rebuild(ROLLOUT).

CREATE SCHEMA rollout_projection;
COMMENT ON SCHEMA rollout_projection IS 'Derived from schema rollout, by its triggers. Read it through the views of rollout_ops.';

-- How a plan as a whole reads, and how far its journal was followed.
CREATE TABLE rollout_projection.rollouts (
    rollout bigint PRIMARY KEY,
    -- From the plan. `unreadable` says why it could not be read; then there are no rows of its devices, waves and links.
    unreadable text,
    inventory text,
    change text,
    policy text,
    poll_ms bigint,
    baseline_ms bigint,
    has_gates boolean NOT NULL DEFAULT false,
    peak_days integer,
    peak_cap integer,
    devices integer NOT NULL DEFAULT 0,
    -- From the facts. `trouble` says which fact could not be followed; from then on nothing is, until it is rebuilt.
    sequence bigint NOT NULL DEFAULT 0,
    trouble text,
    driver text,
    driven_since timestamptz,
    started_at timestamptz,
    aborted_at timestamptz,
    ending text,
    ended_at timestamptz,
    last_entry_at timestamptz,
    -- Of a rollout that ended: how many devices stand where, as {"confirmed": 12}.
    final_counts jsonb
);

CREATE TABLE rollout_projection.plan_devices (
    rollout bigint NOT NULL,
    device text NOT NULL,
    -- NULL for a device that is only watched, as one of the control group.
    wave integer,
    place integer NOT NULL,
    datacentre text NOT NULL,
    range text NOT NULL,
    platform text NOT NULL,
    model text,
    firmware text,
    growth_bps numeric,
    has_revert_timer boolean,
    is_watched boolean NOT NULL,
    links text[] NOT NULL,
    domains text[] NOT NULL,
    PRIMARY KEY (rollout, device)
);
CREATE INDEX plan_devices_by_wave ON rollout_projection.plan_devices (rollout, wave, place);
CREATE INDEX plan_devices_by_device ON rollout_projection.plan_devices (device, rollout);

-- Where the devices of a plan stand.
CREATE TABLE rollout_projection.plan_places (
    rollout bigint NOT NULL,
    datacentre text NOT NULL,
    range text NOT NULL,
    devices integer NOT NULL,
    PRIMARY KEY (rollout, datacentre, range)
);

CREATE TABLE rollout_projection.plan_skipped (
    rollout bigint NOT NULL,
    device text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (rollout, device)
);

CREATE TABLE rollout_projection.plan_waves (
    rollout bigint NOT NULL,
    wave integer NOT NULL,
    canary boolean NOT NULL,
    range text,
    datacentre text,
    devices integer NOT NULL,
    soak_ms bigint NOT NULL,
    binding text NOT NULL,
    PRIMARY KEY (rollout, wave)
);

CREATE TABLE rollout_projection.plan_links (
    rollout bigint NOT NULL,
    link text NOT NULL,
    capacity_bps numeric NOT NULL,
    cap_bps numeric NOT NULL,
    measured_bps numeric,
    predicted_bps numeric,
    interface text NOT NULL,
    direction text NOT NULL,
    PRIMARY KEY (rollout, link)
);

CREATE TABLE rollout_projection.plan_wave_links (
    rollout bigint NOT NULL,
    wave integer NOT NULL,
    link text NOT NULL,
    predicted_bps numeric NOT NULL,
    cap_bps numeric NOT NULL,
    PRIMARY KEY (rollout, wave, link)
);

-- Where each device stands that the plan changes. Only columns without an index change, so that a row is rewritten in its page.
CREATE TABLE rollout_projection.devices (
    rollout bigint NOT NULL,
    device text NOT NULL,
    phase text NOT NULL DEFAULT 'waiting',
    step text,
    step_sequence bigint,
    since timestamptz,
    wanted text NOT NULL DEFAULT 'target',
    pushes integer NOT NULL DEFAULT 0,
    failures_in_row integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    reverts_at timestamptz,
    reverts_by timestamptz,
    failure text,
    failure_code text,
    last_error text,
    last_error_code text,
    stranded text,
    changed_at timestamptz,
    debt_since timestamptz,
    peaks_carried integer NOT NULL DEFAULT 0,
    PRIMARY KEY (rollout, device)
) WITH (fillfactor = 60);

-- Where each wave stands. Verdicts up to `judged_after` are of an earlier try and count no more.
CREATE TABLE rollout_projection.waves (
    rollout bigint NOT NULL,
    wave integer NOT NULL,
    started_at timestamptz,
    soak_started_at timestamptz,
    judged_at timestamptz,
    judged_after bigint NOT NULL DEFAULT 0,
    alarms_after bigint NOT NULL DEFAULT 0,
    is_alarmed boolean NOT NULL DEFAULT false,
    overridden text[] NOT NULL DEFAULT '{}',
    passed_at timestamptz,
    rolled_back_at timestamptz,
    PRIMARY KEY (rollout, wave)
) WITH (fillfactor = 60);

CREATE TABLE rollout_projection.pauses (
    rollout bigint NOT NULL,
    kind text NOT NULL,
    detail text NOT NULL,
    since timestamptz NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (rollout, kind)
);

CREATE TABLE rollout_projection.cohort_holds (
    rollout bigint NOT NULL,
    model text NOT NULL,
    firmware text NOT NULL,
    failed text[] NOT NULL,
    since timestamptz NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (rollout, model, firmware)
);

-- Every step that was begun, and what came of it: what durations, failures and the course of a device are read from.
CREATE TABLE rollout_projection.steps (
    rollout bigint NOT NULL,
    sequence bigint NOT NULL,
    device text NOT NULL,
    kind text NOT NULL,
    attempt integer NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text,
    error_code text,
    detail text,
    state_after text,
    PRIMARY KEY (rollout, sequence)
) WITH (fillfactor = 60);
CREATE INDEX steps_by_time ON rollout_projection.steps (began_at);
CREATE INDEX steps_by_device ON rollout_projection.steps (device, began_at);

CREATE TABLE rollout_projection.verdicts (
    rollout bigint NOT NULL,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL,
    wave integer NOT NULL,
    gate text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    before_from timestamptz NOT NULL,
    before_to timestamptz NOT NULL,
    after_from timestamptz NOT NULL,
    after_to timestamptz NOT NULL,
    subjects integer NOT NULL,
    failed text[] NOT NULL,
    PRIMARY KEY (rollout, sequence)
);
CREATE INDEX verdicts_by_time ON rollout_projection.verdicts (at);

CREATE TABLE rollout_projection.alarms (
    rollout bigint NOT NULL,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL,
    wave integer NOT NULL,
    gate text NOT NULL,
    action text NOT NULL,
    subjects text[] NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (rollout, sequence)
);
CREATE INDEX alarms_by_time ON rollout_projection.alarms (at);

-- Steps that failed, each once more: they are few, and asked for over long times.
CREATE TABLE rollout_projection.failures (
    rollout bigint NOT NULL,
    sequence bigint NOT NULL,
    at timestamptz NOT NULL,
    device text NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (rollout, sequence)
);
CREATE INDEX failures_by_time ON rollout_projection.failures (at);

-- Facts by time and by device, for the views of events.
CREATE INDEX entries_by_time ON rollout.entries USING brin (to_timestamp(at / 1000::float8));
CREATE INDEX entries_by_device ON rollout.entries (device, to_timestamp(at / 1000::float8)) WHERE device IS NOT NULL;

-- What a plan says, as rows. A plan is read once, when its rollout is created; see PlanFile for how its lines stand.

-- Milliseconds of a timespan as plans write it: 250ms, 1h30m.
CREATE FUNCTION rollout_projection.span_ms(span text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT sum(
        part[1]::numeric
        * CASE part[2] WHEN 'ms' THEN 1 WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 ELSE 86400000 END)
    FROM regexp_matches(span, '(\d+(?:\.\d+)?) *(ms|s|m|h|d)', 'g') AS part
)::bigint;

-- A point in time from milliseconds since 1970.
CREATE FUNCTION rollout_projection.instant(milliseconds bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_timestamp(milliseconds / 1000::float8);

-- A value that stands where it is, or among those that devices share.
CREATE FUNCTION rollout_projection.shared(said jsonb, among jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(said) WHEN 'number' THEN among -> said::integer ELSE said END;

CREATE FUNCTION rollout_projection.texts(list jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT jsonb_array_elements_text(coalesce(list, '[]')));

-- Whether counters of such an agent can be asked for: what SNMPSettings.isGiven says.
CREATE FUNCTION rollout_projection.is_given(snmp jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN coalesce(snmp ->> 'version', CASE WHEN snmp ? 'user' AND NOT snmp ? 'community' THEN '3' ELSE '2c' END) = '3'
    THEN snmp ? 'user' ELSE snmp ? 'community'
END;

-- What kept a wave from being larger, in words.
CREATE FUNCTION rollout_projection.binding(said jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN said ? 'canary' THEN 'canary'
    WHEN said ? 'waveSize' THEN format('wave size %s', said #>> '{waveSize,devices}')
    WHEN said ? 'waveShare' THEN format(
        'wave share %s%% (%s devices)', round((said #>> '{waveShare,share}')::numeric * 100, 1), said #>> '{waveShare,devices}')
    WHEN said ? 'peakDebt' THEN format('peak debt %s', said #>> '{peakDebt,devices}')
    WHEN said ? 'isolation' THEN format(
        '%s isolation (%s)', said #>> '{isolation,domain,kind}', said #>> '{isolation,domain,value}')
    ELSE 'none'
END;

-- Writes the rows of a plan.
CREATE FUNCTION rollout_projection.project_plan(id bigint, plan bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    lines text[] := string_to_array(rtrim(convert_from(plan, 'UTF8'), E'\n'), E'\n');
    format integer := split_part(lines[1], ' ', 2)::integer;
    head jsonb;
    commons jsonb := '{}';
    first_device integer := 3;
    shared_texts jsonb;
    shared_links jsonb;
    shared_snmp jsonb;
    gates jsonb;
    peak jsonb;
BEGIN
    IF split_part(lines[1], ' ', 1) <> 'rollout-plan' OR format NOT BETWEEN 1 AND 3 THEN
        RAISE 'this is no plan of a format from 1 to 3';
    END IF;
    head := lines[2]::jsonb;
    IF format > 2 THEN
        commons := lines[3]::jsonb;
        first_device := 4;
    END IF;
    IF format = 1 THEN
        lines := ARRAY[lines[1], lines[2]] || ARRAY(SELECT jsonb_array_elements_text(head -> 'devices'));
    END IF;
    shared_texts := commons -> 'texts';
    shared_links := commons -> 'links';
    shared_snmp := commons -> 'snmp';
    gates := head #> '{policy,gates}';
    peak := head #> '{policy,peak}';

    INSERT INTO rollout_projection.plan_waves
    SELECT id, (w ->> 'index')::integer, (w ->> 'canary')::boolean, w ->> 'range', w ->> 'datacentre',
        jsonb_array_length(w -> 'devices'), rollout_projection.span_ms(w ->> 'soak'), rollout_projection.binding(w -> 'binding')
    FROM jsonb_array_elements(head -> 'waves') AS w;
    INSERT INTO rollout_projection.waves (rollout, wave) SELECT id, w.wave FROM rollout_projection.plan_waves w WHERE w.rollout = id;

    INSERT INTO rollout_projection.plan_wave_links
    SELECT id, (w ->> 'index')::integer, p ->> 'link', (p ->> 'load')::numeric, (p ->> 'cap')::numeric
    FROM jsonb_array_elements(head -> 'waves') AS w, jsonb_array_elements(w -> 'predicted') AS p
    ON CONFLICT DO NOTHING;

    -- Links beside the waves are watched against a cap too.
    INSERT INTO rollout_projection.plan_links
    SELECT id, l #>> '{link,name}', (l #>> '{link,capacity}')::numeric, (l ->> 'cap')::numeric, (l ->> 'measured')::numeric,
        (l ->> 'predicted')::numeric, l #>> '{link,counters,interface}', l #>> '{link,counters,direction}'
    FROM jsonb_array_elements((head -> 'links') || coalesce(head #> '{beside,links}', '[]')) AS l
    ON CONFLICT DO NOTHING;

    INSERT INTO rollout_projection.plan_skipped
    SELECT id, s ->> 'name', s ->> 'reason', s ->> 'detail' FROM jsonb_array_elements(head -> 'skipped') AS s
    ON CONFLICT DO NOTHING;

    WITH places AS (
        SELECT d.name, (w ->> 'index')::integer AS wave, d.place::integer AS place
        FROM jsonb_array_elements(head -> 'waves') AS w, jsonb_array_elements_text(w -> 'devices') WITH ORDINALITY AS d(name, place)
    ), planned AS MATERIALIZED (
        SELECT line.said -> 'device' AS device, line.said -> 'target' AS target, line.place::integer AS place
        FROM (SELECT l.line::jsonb AS said, l.place FROM unnest(lines[first_device:]) WITH ORDINALITY AS l(line, place)) AS line
    )
    INSERT INTO rollout_projection.plan_devices
    SELECT id, p.device ->> 'name', places.wave, coalesce(places.place, p.place), p.device ->> 'datacentre', p.device ->> 'range',
        p.device ->> 'platform', p.target ->> 'model', p.target ->> 'firmware', (p.target ->> 'growth')::numeric,
        CASE WHEN p.target IS NOT NULL THEN coalesce((p.target ->> 'hasRevertTimer')::boolean, true) END,
        rollout_projection.is_given(rollout_projection.shared(p.device -> 'snmp', shared_snmp))
            AND jsonb_array_length(rollout_projection.shared(p.device -> 'interfaces', shared_texts)) > 0,
        rollout_projection.texts(rollout_projection.shared(p.device -> 'links', shared_links)),
        ARRAY(SELECT (f ->> 'kind') || ' ' || (f ->> 'value') FROM jsonb_array_elements(p.device -> 'domains') AS f)
    FROM planned p LEFT JOIN places ON places.name = p.device ->> 'name'
    ON CONFLICT DO NOTHING;

    INSERT INTO rollout_projection.plan_places
    SELECT id, d.datacentre, d.range, count(*) FROM rollout_projection.plan_devices d WHERE d.rollout = id
    GROUP BY d.datacentre, d.range;

    INSERT INTO rollout_projection.devices (rollout, device)
    SELECT id, d.device FROM rollout_projection.plan_devices d WHERE d.rollout = id AND d.wave IS NOT NULL ORDER BY d.wave, d.place;

    INSERT INTO rollout_projection.rollouts
        (rollout, inventory, change, policy, poll_ms, baseline_ms, has_gates, peak_days, peak_cap, devices)
    SELECT id, head ->> 'inventory', head #>> '{change,name}', head #>> '{policy,name}',
        rollout_projection.span_ms(head #>> '{policy,watch,poll}'), rollout_projection.span_ms(head #>> '{policy,watch,baseline}'),
        jsonb_array_length(gates) > 0, (peak ->> 'days')::integer,
        -- The smaller binds; a share is at least one device.
        least((peak ->> 'devices')::integer,
            CASE WHEN peak ? 'share' THEN greatest(1, floor(planned.devices * (peak ->> 'share')::float8)::integer) END),
        planned.devices
    FROM (SELECT count(*)::integer AS devices FROM rollout_projection.devices d WHERE d.rollout = id) AS planned;
END $$;

-- Whether an error would come again: about what a plan or a fact says. A full disk, a lock, a shutdown is for the writer to know.
CREATE FUNCTION rollout_projection.is_of_content(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(state, 2) NOT IN ('08', '40', '53', '55', '57', '58');

-- A plan that cannot be read must not keep a rollout from being created: it is said in the row, and there is nothing to show of it.
CREATE FUNCTION rollout_projection.project(id bigint, plan_row bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    PERFORM rollout_projection.project_plan(project.id, p.bytes) FROM rollout.plans p WHERE p.id = plan_row;
EXCEPTION WHEN OTHERS THEN
    IF NOT rollout_projection.is_of_content(SQLSTATE) THEN RAISE; END IF;
    INSERT INTO rollout_projection.rollouts (rollout, unreadable) VALUES (id, SQLERRM);
END $$;

CREATE FUNCTION rollout_projection.on_rollout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM rollout_projection.project(NEW.id, NEW.plan);
    RETURN NULL;
END $$;

CREATE TRIGGER project_plan AFTER INSERT ON rollout.rollouts
    FOR EACH ROW EXECUTE FUNCTION rollout_projection.on_rollout();

-- What facts come to: the same fold as RolloutState and DeviceState, for what screens show. Tests hold both against each other.

-- How often in a row a step may fail for a passing reason.
CREATE FUNCTION rollout_projection.patience(code text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE code WHEN 'locked' THEN 8 ELSE 3 END;

CREATE FUNCTION rollout_projection.is_transient(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN code IN ('unreachable', 'timeout', 'connection_lost', 'lease_over', 'locked');

-- The wait before a step is tried again: 1 s, 2 s, 4 s, at most 30 s.
CREATE FUNCTION rollout_projection.pause_before_retry(failures integer) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN make_interval(secs => least(30, 1 << least(greatest(failures - 1, 0), 5)));

-- `host key changed: the key is another one`.
CREATE FUNCTION rollout_projection.words(error jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(error ->> 'code', '_', ' ') || ': ' || (error ->> 'message');

-- Where a device stands, in the word of RolloutStatus.DevicePhase.
CREATE FUNCTION rollout_projection.device_state(phase text, step text, wanted text, is_driven boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE phase
    WHEN 'in_flight' THEN CASE
        WHEN NOT is_driven THEN 'unknown'
        ELSE CASE step WHEN 'push' THEN 'pushing' WHEN 'confirm' THEN 'verifying' WHEN 'roll_back' THEN 'rolling_back' ELSE 'unknown' END
    END
    WHEN 'applied' THEN 'verifying'
    WHEN 'confirmed' THEN CASE wanted WHEN 'base' THEN 'rolling_back' ELSE 'confirmed' END
    WHEN 'in_doubt' THEN 'unknown'
    WHEN 'stranded' THEN 'unknown'
    WHEN 'must_revert' THEN 'rolling_back'
    ELSE phase
END;

-- A device after it said where it stands.
CREATE FUNCTION rollout_projection.take_standing(
    d rollout_projection.devices, standing jsonb, kind text, now timestamptz
) RETURNS rollout_projection.devices
LANGUAGE plpgsql STABLE AS $$
DECLARE
    word text := (SELECT key FROM jsonb_each(standing) LIMIT 1);
    holds text := standing #>> ARRAY[word, 'holds'];
BEGIN
    d.reverts_at := now + make_interval(
        secs => rollout_projection.span_ms(standing #>> ARRAY[word, 'left']) / 1000::float8);
    CASE word
    WHEN 'base' THEN
        IF d.wanted = 'base' THEN
            d.phase := 'rolled_back';
        ELSIF d.failure IS NOT NULL THEN
            d.phase := 'failed';
        ELSIF d.pushes >= rollout_projection.patience(NULL) THEN
            d.failure_code := 'cancelled';
            d.failure := format(
                'cancelled: it was back on its base after each of %s pushes', rollout_projection.patience(NULL));
            d.phase := 'failed';
        ELSE
            d.phase := 'waiting';
        END IF;
    WHEN 'target' THEN
        d.phase := 'confirmed';
        IF kind = 'roll_back' THEN
            d.phase := 'stranded';
            d.stranded := 'it holds the new configuration after it was put back';
        END IF;
    WHEN 'pendingTarget' THEN
        d.phase := CASE WHEN d.wanted = 'base' OR d.failure IS NOT NULL THEN 'must_revert' ELSE 'applied' END;
    WHEN 'pendingBase', 'pendingPart' THEN
        d.phase := 'must_revert';
    WHEN 'pendingOther' THEN
        IF d.failure IS NULL THEN
            d.failure := 'verify mismatch: ' || holds;
            d.failure_code := 'verify_mismatch';
        END IF;
        d.phase := 'must_revert';
    WHEN 'other' THEN
        d.phase := 'stranded';
        d.stranded := holds;
    END CASE;
    RETURN d;
END $$;

-- A device after a step on it failed.
CREATE FUNCTION rollout_projection.take_error(
    d rollout_projection.devices, error jsonb, kind text, now timestamptz
) RETURNS rollout_projection.devices
LANGUAGE plpgsql STABLE AS $$
DECLARE
    code text := error ->> 'code';
    is_transient boolean := rollout_projection.is_transient(code);
    may_try_again boolean := is_transient AND d.failures_in_row < rollout_projection.patience(code);
    timer_runs boolean := coalesce(now < coalesce(d.reverts_at, d.reverts_by) + interval '10 s', false);
BEGIN
    IF may_try_again THEN d.retry_at := now + rollout_projection.pause_before_retry(d.failures_in_row); END IF;
    IF kind = 'push' AND error ->> 'effect' = 'none' THEN
        d.changed_at := NULL;
        d.reverts_by := NULL;
        IF may_try_again THEN
            d.phase := CASE d.wanted WHEN 'base' THEN 'rolled_back' ELSE 'waiting' END;
        ELSE
            d.phase := 'failed';
            d.failure_code := code;
            d.failure := rollout_projection.words(error) || CASE code
                WHEN 'locked' THEN format(
                    '; tried %s times: once it is free, `retry --failed`, or `abort`', d.failures_in_row)
                ELSE '' END;
        END IF;
    ELSIF kind IN ('push', 'confirm') THEN
        d.phase := CASE WHEN is_transient THEN 'in_doubt' ELSE 'must_revert' END;
        IF NOT is_transient THEN
            d.failure := rollout_projection.words(error);
            d.failure_code := code;
        END IF;
        d.failures_in_row := 0;
    ELSIF is_transient AND (may_try_again OR timer_runs) THEN
        d.retry_at := now + rollout_projection.pause_before_retry(d.failures_in_row);
        d.phase := CASE kind WHEN 'roll_back' THEN 'must_revert' ELSE 'in_doubt' END;
    ELSE
        IF d.failure IS NULL THEN
            d.failure := rollout_projection.words(error);
            d.failure_code := code;
        END IF;
        d.phase := 'stranded';
        d.stranded := rollout_projection.words(error);
    END IF;
    RETURN d;
END $$;

-- A step was begun.
CREATE FUNCTION rollout_projection.follow_intent(id bigint, at_sequence bigint, now timestamptz, said jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    name text := said ->> 'device';
    its_kind text := said ->> 'kind';
    its_attempt integer := (said ->> 'attempt')::integer;
    -- Pushes and rollbacks change the device.
    is_push boolean := its_kind = 'push';
    is_change boolean := is_push OR its_kind = 'roll_back';
BEGIN
    UPDATE rollout_projection.devices d SET
        phase = 'in_flight', step = its_kind, step_sequence = at_sequence, since = now, retry_at = NULL,
        changed_at = CASE WHEN is_change THEN now ELSE d.changed_at END,
        debt_since = CASE WHEN is_change THEN NULL ELSE d.debt_since END,
        peaks_carried = CASE WHEN is_change THEN 0 ELSE d.peaks_carried END,
        pushes = CASE WHEN is_push THEN its_attempt ELSE d.pushes END,
        reverts_by = CASE WHEN is_push THEN (said ->> 'revertsBy')::timestamptz ELSE d.reverts_by END
    WHERE d.rollout = id AND d.device = name;
    IF NOT FOUND THEN
        INSERT INTO rollout_projection.devices (rollout, device) VALUES (id, name);
        PERFORM rollout_projection.follow_intent(id, at_sequence, now, said);
        RETURN;
    END IF;
    INSERT INTO rollout_projection.steps (rollout, sequence, device, kind, attempt, began_at)
    VALUES (id, at_sequence, name, its_kind, its_attempt, now);
END $$;

-- A step did what it should: nearly all do.
CREATE FUNCTION rollout_projection.follow_done(id bigint, now timestamptz, said jsonb, done jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    its_kind text := said ->> 'kind';
    its_phase text := CASE its_kind WHEN 'push' THEN 'applied' WHEN 'confirm' THEN 'confirmed' ELSE 'in_doubt' END;
    is_push boolean := its_kind = 'push';
    is_confirm boolean := its_kind = 'confirm';
    its_wanted text;
    begun_at bigint;
BEGIN
    UPDATE rollout_projection.devices d SET
        phase = its_phase, since = now, failures_in_row = 0, last_error = NULL, last_error_code = NULL, reverts_by = NULL,
        reverts_at = CASE WHEN is_push THEN (done ->> 'revertsAt')::timestamptz WHEN is_confirm THEN NULL ELSE d.reverts_at END,
        changed_at = CASE WHEN is_push THEN now ELSE d.changed_at END,
        failure = CASE WHEN is_confirm THEN NULL ELSE d.failure END,
        failure_code = CASE WHEN is_confirm THEN NULL ELSE d.failure_code END,
        debt_since = CASE WHEN is_confirm THEN coalesce(d.debt_since, now) ELSE d.debt_since END
    WHERE d.rollout = id AND d.device = said ->> 'device'
    RETURNING d.wanted, d.step_sequence INTO STRICT its_wanted, begun_at;
    UPDATE rollout_projection.steps s SET
        ended_at = now, outcome = 'done', state_after = rollout_projection.device_state(its_phase, its_kind, its_wanted, true)
    WHERE s.rollout = id AND s.sequence = begun_at AND s.kind = its_kind;
END $$;

-- A step found the device somewhere, or failed.
CREATE FUNCTION rollout_projection.follow_result(id bigint, at_sequence bigint, now timestamptz, said jsonb, result jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    name text := said ->> 'device';
    its_kind text := said ->> 'kind';
    error jsonb := result #> '{failed,error}';
    standing jsonb := result #> '{found,standing}';
    in_vain boolean;
    after rollout_projection.devices;
BEGIN
    SELECT * INTO STRICT after FROM rollout_projection.devices d WHERE d.rollout = id AND d.device = name;
    after.since := now;
    IF error IS NOT NULL THEN
        after.failures_in_row := after.failures_in_row + 1;
        after.last_error := rollout_projection.words(error);
        after.last_error_code := error ->> 'code';
        after := rollout_projection.take_error(after, error, its_kind, now);
        INSERT INTO rollout_projection.failures
        VALUES (id, at_sequence, now, name, its_kind, error ->> 'code', error ->> 'message');
    ELSE
        -- It was answered, and the timer that it should have taken away still runs.
        in_vain := its_kind IN ('confirm', 'roll_back') AND standing ? 'pendingTarget'
            OR its_kind = 'roll_back' AND standing ?| ARRAY['pendingBase', 'pendingPart', 'pendingOther'];
        after.reverts_by := NULL;
        after.failures_in_row := CASE WHEN in_vain THEN after.failures_in_row + 1 ELSE 0 END;
        after.last_error := CASE WHEN in_vain THEN format(
            'verify mismatch: it acknowledged the %s, but its revert timer still runs',
            CASE its_kind WHEN 'confirm' THEN 'confirm' ELSE 'rollback' END) END;
        after.last_error_code := CASE WHEN in_vain THEN 'verify_mismatch' END;
        after := rollout_projection.take_standing(after, standing, its_kind, now);
        IF in_vain THEN after.retry_at := now + rollout_projection.pause_before_retry(after.failures_in_row); END IF;
    END IF;
    IF after.phase = 'confirmed' THEN after.debt_since := coalesce(after.debt_since, now); END IF;

    UPDATE rollout_projection.devices d SET
        phase = after.phase, since = after.since, failures_in_row = after.failures_in_row, retry_at = after.retry_at,
        reverts_at = after.reverts_at, reverts_by = after.reverts_by, failure = after.failure, failure_code = after.failure_code,
        last_error = after.last_error, last_error_code = after.last_error_code, stranded = after.stranded,
        changed_at = after.changed_at, debt_since = after.debt_since
    WHERE d.rollout = id AND d.device = name;
    UPDATE rollout_projection.steps s SET
        ended_at = now,
        outcome = CASE WHEN error IS NOT NULL THEN 'failed' ELSE 'found ' || CASE (SELECT key FROM jsonb_each(standing) LIMIT 1)
            WHEN 'base' THEN 'base' WHEN 'target' THEN 'target' WHEN 'pendingTarget' THEN 'pending target'
            WHEN 'pendingBase' THEN 'pending base' WHEN 'pendingPart' THEN 'pending part'
            WHEN 'pendingOther' THEN 'pending other' ELSE 'other' END
        END,
        error_code = error ->> 'code',
        detail = coalesce(rollout_projection.words(error), standing #>> '{pendingOther,holds}', standing #>> '{other,holds}'),
        state_after = rollout_projection.device_state(after.phase, its_kind, after.wanted, true)
    WHERE s.rollout = id AND s.sequence = after.step_sequence AND s.kind = its_kind;
END $$;

-- Somebody looks anew: devices in doubt are asked again.
CREATE PROCEDURE rollout_projection.ask_again(id bigint, now timestamptz)
LANGUAGE sql AS $$
    UPDATE rollout_projection.devices SET phase = 'in_doubt', since = now, failures_in_row = 0, retry_at = NULL
    WHERE rollout = id AND phase IN ('in_doubt', 'stranded');
    UPDATE rollout_projection.devices SET failures_in_row = 0, retry_at = NULL
    WHERE rollout = id AND phase = 'must_revert';
$$;

-- A wave that is under way and was judged without passing is judged anew.
CREATE PROCEDURE rollout_projection.go_on(id bigint, last bigint, now timestamptz)
LANGUAGE sql AS $$
    UPDATE rollout_projection.waves SET
        started_at = now,
        soak_started_at = CASE WHEN judged_at IS NULL THEN soak_started_at END,
        judged_after = CASE WHEN judged_at IS NULL THEN judged_after ELSE last END,
        judged_at = NULL
    WHERE rollout = id AND started_at IS NOT NULL AND passed_at IS NULL;
$$;

-- Devices on which something failed that hold the change owe their peaks anew.
CREATE PROCEDURE rollout_projection.owe_peaks(id bigint, findings jsonb, now timestamptz)
LANGUAGE sql AS $$
    UPDATE rollout_projection.devices SET debt_since = now, peaks_carried = 0
    WHERE rollout = id AND debt_since IS NOT NULL AND device IN (
        SELECT split_part(f ->> 'subject', ' ', 1) FROM jsonb_array_elements(findings) AS f
        WHERE (f ->> 'failed')::boolean AND NOT (f ->> 'isControl')::boolean
            AND NOT coalesce((f ->> 'isBeside')::boolean, false));
$$;

-- What an operator asks for.
CREATE PROCEDURE rollout_projection.follow_request(id bigint, last bigint, now timestamptz, request jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    verb text := (SELECT key FROM jsonb_each(request -> 'verb') LIMIT 1);
    said jsonb := request -> 'verb' -> verb;
BEGIN
    CASE verb
    WHEN 'pause' THEN
        INSERT INTO rollout_projection.pauses
        VALUES (id, 'operator', (request ->> 'by') || ' asked' || coalesce(': ' || (request ->> 'reason'), ''), now, last)
        ON CONFLICT DO NOTHING;
    WHEN 'resume' THEN
        DELETE FROM rollout_projection.pauses p WHERE p.rollout = id AND (said ->> 'kind' IS NULL OR p.kind = said ->> 'kind');
        CALL rollout_projection.go_on(id, last, now);
        CALL rollout_projection.ask_again(id, now);
    WHEN 'promote' THEN
        INSERT INTO rollout_projection.waves AS w (rollout, wave, overridden)
        VALUES (id, (said ->> 'wave')::integer, rollout_projection.texts(said -> 'overriding'))
        ON CONFLICT (rollout, wave) DO UPDATE SET overridden = w.overridden || ARRAY(
            SELECT gate FROM unnest(excluded.overridden) AS gate WHERE gate <> ALL (w.overridden));
        DELETE FROM rollout_projection.pauses p WHERE p.rollout = id AND (
            p.kind IN ('gate_failed', 'gate_unclear') OR p.kind = 'beside' AND said -> 'overriding' ? 'beside');
    WHEN 'abort' THEN
        UPDATE rollout_projection.rollouts r SET aborted_at = coalesce(r.aborted_at, now) WHERE r.rollout = id;
    WHEN 'release' THEN
        DELETE FROM rollout_projection.cohort_holds h
        WHERE h.rollout = id AND h.model = said #>> '{cohort,model}' AND h.firmware = said #>> '{cohort,firmware}';
        DELETE FROM rollout_projection.pauses p WHERE p.rollout = id AND p.kind = 'cohort';
    WHEN 'rollBack', 'retryFailed' THEN
        -- An ended rollout is open again.
        UPDATE rollout_projection.rollouts r SET ending = NULL, ended_at = NULL, aborted_at = NULL, final_counts = NULL
        WHERE r.rollout = id;
        IF verb = 'retryFailed' THEN
            DELETE FROM rollout_projection.cohort_holds h WHERE h.rollout = id;
            DELETE FROM rollout_projection.pauses p WHERE p.rollout = id AND p.kind <> 'operator';
            UPDATE rollout_projection.devices d SET
                phase = CASE d.phase WHEN 'stranded' THEN 'in_doubt' ELSE 'waiting' END,
                changed_at = CASE d.phase WHEN 'stranded' THEN d.changed_at END,
                since = now, wanted = 'target', failure = NULL, failure_code = NULL, last_error = NULL,
                last_error_code = NULL, failures_in_row = 0, retry_at = NULL, pushes = 0
            WHERE d.rollout = id AND d.phase IN ('failed', 'rolled_back', 'stranded');
            CALL rollout_projection.go_on(id, last, now);
            UPDATE rollout_projection.waves w SET soak_started_at = NULL, rolled_back_at = NULL
            WHERE w.rollout = id AND w.started_at IS NOT NULL AND w.passed_at IS NULL;
        END IF;
    END CASE;
END $$;

-- Follows any other fact.
CREATE PROCEDURE rollout_projection.follow_fact(id bigint, last bigint, now timestamptz, fact jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    word text := (SELECT key FROM jsonb_each(fact) LIMIT 1);
    said jsonb := fact -> word;
    number integer := coalesce(said ->> 'wave', said #>> '{alarm,wave}', said #>> '{scope,wave,index}')::integer;
BEGIN
    IF number IS NOT NULL THEN
        INSERT INTO rollout_projection.waves (rollout, wave) VALUES (id, number) ON CONFLICT DO NOTHING;
    END IF;
    CASE word
    WHEN 'driving' THEN
        UPDATE rollout_projection.rollouts r SET driver = said ->> 'holder', driven_since = now WHERE r.rollout = id;
        -- The runner that began a step, or applied a change, is gone.
        UPDATE rollout_projection.devices d SET phase = 'in_doubt' WHERE d.rollout = id AND d.phase IN ('in_flight', 'applied');
        CALL rollout_projection.ask_again(id, now);
        UPDATE rollout_projection.waves w SET
            started_at = CASE WHEN w.soak_started_at IS NULL OR w.judged_at IS NULL THEN now ELSE w.started_at END,
            soak_started_at = CASE WHEN w.judged_at IS NOT NULL THEN w.soak_started_at END
        WHERE w.rollout = id AND w.passed_at IS NULL AND w.started_at IS NOT NULL;
    WHEN 'waveStarted' THEN
        UPDATE rollout_projection.rollouts r SET started_at = coalesce(r.started_at, now) WHERE r.rollout = id;
        UPDATE rollout_projection.waves w SET
            started_at = now, soak_started_at = NULL, judged_at = NULL, judged_after = last, alarms_after = last, is_alarmed = false,
            passed_at = NULL, rolled_back_at = NULL
        WHERE w.rollout = id AND w.wave = number;
    WHEN 'soakStarted' THEN
        UPDATE rollout_projection.waves w SET soak_started_at = now, judged_at = NULL, judged_after = last
        WHERE w.rollout = id AND w.wave = number;
    WHEN 'judged' THEN
        INSERT INTO rollout_projection.verdicts
        SELECT id, last, now, number, v ->> 'gate', v ->> 'outcome', v ->> 'reason', (v #>> '{before,from}')::timestamptz,
            (v #>> '{before,to}')::timestamptz, (v #>> '{after,from}')::timestamptz, (v #>> '{after,to}')::timestamptz,
            jsonb_array_length(v -> 'findings'),
            ARRAY(SELECT f ->> 'subject' FROM jsonb_array_elements(v -> 'findings') AS f WHERE (f ->> 'failed')::boolean)
        FROM (SELECT said -> 'verdict' AS v) AS verdict;
        UPDATE rollout_projection.waves w SET judged_at = now WHERE w.rollout = id AND w.wave = number;
        IF said #>> '{verdict,outcome}' = 'fail' THEN
            CALL rollout_projection.owe_peaks(id, said #> '{verdict,findings}', now);
        END IF;
    WHEN 'alarm' THEN
        INSERT INTO rollout_projection.alarms
        SELECT id, last, now, number, a ->> 'gate', a ->> 'action', rollout_projection.texts(a -> 'subjects'), a ->> 'reason'
        FROM (SELECT said -> 'alarm' AS a) AS alarm;
        IF said #>> '{alarm,action}' <> 'observe' THEN
            UPDATE rollout_projection.waves w SET is_alarmed = true WHERE w.rollout = id AND w.wave = number;
            IF said #>> '{alarm,gate}' <> 'beside' THEN
                CALL rollout_projection.owe_peaks(id, said #> '{alarm,findings}', now);
            END IF;
        END IF;
    WHEN 'wavePassed' THEN
        UPDATE rollout_projection.waves w SET passed_at = now WHERE w.rollout = id AND w.wave = number;
    WHEN 'paused' THEN
        INSERT INTO rollout_projection.pauses VALUES (id, said #>> '{reason,kind}', said #>> '{reason,detail}', now, last)
        ON CONFLICT (rollout, kind) DO UPDATE SET detail = excluded.detail, since = excluded.since, sequence = excluded.sequence;
    WHEN 'cohortHeld' THEN
        -- Held again, it is still held since the first time.
        INSERT INTO rollout_projection.cohort_holds
        VALUES (id, said #>> '{cohort,model}', said #>> '{cohort,firmware}', rollout_projection.texts(said -> 'failed'), now, last)
        ON CONFLICT (rollout, model, firmware) DO UPDATE SET failed = excluded.failed, sequence = excluded.sequence;
    WHEN 'peakCarried' THEN
        UPDATE rollout_projection.devices d SET peaks_carried = d.peaks_carried + 1
        WHERE d.rollout = id AND said -> 'devices' ? d.device;
    WHEN 'rollingBack' THEN
        UPDATE rollout_projection.devices d SET wanted = 'base' WHERE d.rollout = id AND said -> 'devices' ? d.device;
        UPDATE rollout_projection.waves w SET rolled_back_at = now WHERE w.rollout = id AND w.wave = number;
    WHEN 'requested' THEN
        CALL rollout_projection.follow_request(id, last, now, said -> 'request');
    WHEN 'finished' THEN
        UPDATE rollout_projection.rollouts r SET ending = said ->> 'ending', ended_at = now, final_counts = (
            SELECT jsonb_object_agg(state, devices) FROM (
                SELECT rollout_projection.device_state(d.phase, d.step, d.wanted, false) AS state, count(*) AS devices
                FROM rollout_projection.devices d WHERE d.rollout = id GROUP BY 1) AS counted)
        WHERE r.rollout = id;
    WHEN 'created', 'evidence' THEN
        NULL;
    END CASE;
END $$;

-- Follows one entry.
CREATE FUNCTION rollout_projection.follow(id bigint, at_sequence bigint, now timestamptz, fact jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF fact ? 'intent' THEN
        PERFORM rollout_projection.follow_intent(id, at_sequence, now, fact #> '{intent,step}');
    ELSIF fact ? 'outcome' THEN
        IF fact #> '{outcome,result}' ? 'done' THEN
            PERFORM rollout_projection.follow_done(
                id, now, fact #> '{outcome,step}', fact #> '{outcome,result,done}');
        ELSE
            PERFORM rollout_projection.follow_result(
                id, at_sequence, now, fact #> '{outcome,step}', fact #> '{outcome,result}');
        END IF;
    ELSE
        CALL rollout_projection.follow_fact(id, at_sequence, now, fact);
    END IF;
END $$;

-- Follows the entries of a statement, in the transaction that writes them. A fact that cannot be followed, such as one of a newer
-- program, must not keep it from being written: the rollout's row says so, and nothing more is followed until it is rebuilt.
CREATE FUNCTION rollout_projection.on_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    entry record;
    known rollout_projection.rollouts;
    id bigint;
    last bigint;
    latest bigint;
BEGIN
    FOR id IN SELECT DISTINCT a.rollout FROM added a LOOP
        SELECT * INTO known FROM rollout_projection.rollouts r WHERE r.rollout = id;
        CONTINUE WHEN known.rollout IS NULL OR known.trouble IS NOT NULL;
        last := known.sequence;
        latest := NULL;
        BEGIN
            FOR entry IN SELECT a.sequence, a.at, a.fact::jsonb AS fact FROM added a WHERE a.rollout = id ORDER BY a.sequence LOOP
                IF entry.sequence <> last + 1 THEN
                    RAISE 'fact % follows fact %', entry.sequence, last;
                END IF;
                PERFORM rollout_projection.follow(id, entry.sequence, rollout_projection.instant(entry.at), entry.fact);
                last := entry.sequence;
                latest := greatest(latest, entry.at);
            END LOOP;
            UPDATE rollout_projection.rollouts r SET
                sequence = last, last_entry_at = greatest(r.last_entry_at, rollout_projection.instant(latest))
            WHERE r.rollout = id;
        EXCEPTION WHEN OTHERS THEN
            IF NOT rollout_projection.is_of_content(SQLSTATE) THEN RAISE; END IF;
            UPDATE rollout_projection.rollouts r SET trouble = format('fact %s: %s', last + 1, SQLERRM) WHERE r.rollout = id;
        END;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER follow_entries AFTER INSERT ON rollout.entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION rollout_projection.on_entries();

-- Forgets what is known of a rollout, and works it out anew from its plan and its facts. A fact that cannot be followed is said in
-- the rollout's row.
CREATE PROCEDURE rollout_projection.rebuild(id bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    kept text;
    entry record;
    last bigint := 0;
BEGIN
    -- Nobody appends meanwhile.
    PERFORM 1 FROM rollout.rollouts r WHERE r.id = rebuild.id FOR NO KEY UPDATE;
    FOREACH kept IN ARRAY ARRAY['rollouts', 'plan_devices', 'plan_places', 'plan_skipped', 'plan_waves', 'plan_links',
        'plan_wave_links', 'devices', 'waves', 'pauses', 'cohort_holds', 'steps', 'failures', 'verdicts', 'alarms']
    LOOP
        EXECUTE format('DELETE FROM rollout_projection.%I WHERE rollout = $1', kept) USING id;
    END LOOP;
    PERFORM rollout_projection.project(id, (SELECT r.plan FROM rollout.rollouts r WHERE r.id = rebuild.id));
    BEGIN
        FOR entry IN SELECT e.sequence, e.at, e.fact::jsonb AS fact FROM rollout.entries e WHERE e.rollout = id ORDER BY e.sequence LOOP
            PERFORM rollout_projection.follow(id, entry.sequence, rollout_projection.instant(entry.at), entry.fact);
            last := entry.sequence;
        END LOOP;
        UPDATE rollout_projection.rollouts r SET sequence = last, last_entry_at = (
            SELECT rollout_projection.instant(max(e.at)) FROM rollout.entries e WHERE e.rollout = id)
        WHERE r.rollout = id;
    EXCEPTION WHEN OTHERS THEN
        IF NOT rollout_projection.is_of_content(SQLSTATE) THEN RAISE; END IF;
        UPDATE rollout_projection.rollouts r SET trouble = format('fact %s: %s', last + 1, SQLERRM) WHERE r.rollout = id;
    END;
END $$;

-- What was written before there was anything of this.
DO $$
DECLARE
    id bigint;
BEGIN
    FOR id IN SELECT r.id FROM rollout.rollouts r ORDER BY r.id LOOP
        CALL rollout_projection.rebuild(id);
    END LOOP;
END $$;
