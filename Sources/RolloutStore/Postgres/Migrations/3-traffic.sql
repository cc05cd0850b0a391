-- Traffic over weeks. Samples are kept for days; what they come to, in steps of five minutes and of an hour, for months.

CREATE INDEX readings_by_subject ON rollout.readings (subject, at);

-- An interface of a device or of a link's agent, by a number, as it stands in millions of rows. Where the device stood when it was
-- last planned: for a link NULL.
CREATE TABLE rollout_projection.series (
    series integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_kind smallint NOT NULL,
    subject text NOT NULL,
    interface text NOT NULL,
    datacentre text,
    range text,
    UNIQUE (subject, interface, subject_kind)
);

-- Averages over a step, and the highest rate between two readings in it. Bits and events per second. A rate is null where no two
-- readings could be compared. `unknown` counts readings without an answer.
CREATE TABLE rollout_projection.traffic_5m (
    at timestamptz NOT NULL,
    series integer NOT NULL,
    samples smallint NOT NULL,
    unknown smallint NOT NULL,
    in_bps real,
    out_bps real,
    max_in_bps real,
    max_out_bps real,
    errors_ps real,
    discards_ps real,
    PRIMARY KEY (series, at)
) PARTITION BY RANGE (at);
CREATE TABLE rollout_projection.traffic_1h (LIKE rollout_projection.traffic_5m, PRIMARY KEY (series, at)) PARTITION BY RANGE (at);
-- Rows come in the order of time.
CREATE INDEX traffic_5m_by_time ON rollout_projection.traffic_5m USING brin (at) WITH (pages_per_range = 16);
CREATE INDEX traffic_1h_by_time ON rollout_projection.traffic_1h USING brin (at) WITH (pages_per_range = 16);

-- All devices of a range in a datacentre together, in steps of five minutes and of an hour.
CREATE TABLE rollout_projection.traffic_places (
    at timestamptz NOT NULL,
    datacentre text NOT NULL,
    range text NOT NULL,
    interfaces integer NOT NULL,
    unknown integer NOT NULL,
    in_bps double precision,
    out_bps double precision,
    errors_ps double precision,
    discards_ps double precision,
    PRIMARY KEY (at, datacentre, range)
);

CREATE TABLE rollout_projection.traffic_places_1h (LIKE rollout_projection.traffic_places INCLUDING ALL);

-- How long steps took, by the hour in which they began.
CREATE TABLE rollout_projection.step_hours (
    at timestamptz NOT NULL,
    datacentre text NOT NULL,
    range text NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    steps integer NOT NULL,
    seconds double precision NOT NULL,
    longest double precision NOT NULL,
    PRIMARY KEY (at, datacentre, range, kind, outcome)
);

-- Up to where samples and steps were rolled up.
CREATE TABLE rollout_projection.progress (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    rolled_up_to timestamptz
);
INSERT INTO rollout_projection.progress DEFAULT VALUES;

-- How much more a counter says than in the reading before; null where that is no number of ours: the counter went backwards (a
-- restart and the wrap of 32 bits look alike here), or 32 bits may have wrapped unseen.
CREATE FUNCTION rollout_projection.growth(
    before bigint, after bigint, is_wide boolean, mbit_ps bigint, seconds double precision
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT is_wide AND coalesce(mbit_ps, 1000) * seconds * 125000 >= 4294967296 THEN NULL
    WHEN before < 0 OR after < before THEN NULL
    ELSE after - before
END;

-- The rates of the readings of a rollout, or of a device or link, from one instant to another. A reading is compared with the one
-- before that had an answer, if that is not older than a quarter of an hour.
CREATE FUNCTION rollout_projection.rates(
    of_rollout bigint, of_subject text, from_instant timestamptz, to_instant timestamptz
) RETURNS TABLE (
    at timestamptz, subject_kind smallint, subject text, interface text, is_unknown boolean, in_bps double precision,
    out_bps double precision, errors_ps double precision, discards_ps double precision
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.at, r.subject_kind, r.subject, r.name, r.unknown IS NOT NULL,
        8 * rollout_projection.growth(r.was_in, r.in_octets, r.wide & 1 <> 0, r.high_speed, r.seconds) / r.seconds,
        8 * rollout_projection.growth(r.was_out, r.out_octets, r.wide & 2 <> 0, r.high_speed, r.seconds) / r.seconds,
        (rollout_projection.growth(r.was_in_errors, r.in_errors, true, NULL, r.seconds)
            + coalesce(rollout_projection.growth(r.was_out_errors, r.out_errors, true, NULL, r.seconds), 0)) / r.seconds,
        (rollout_projection.growth(r.was_out_discards, r.out_discards, true, NULL, r.seconds)
            + coalesce(rollout_projection.growth(r.was_in_discards, r.in_discards, true, NULL, r.seconds), 0)) / r.seconds
    FROM (
        SELECT w.*, CASE WHEN w.at - lag(w.at) OVER s BETWEEN interval '1 ms' AND interval '15 minutes'
            THEN extract(epoch FROM w.at - lag(w.at) OVER s)::float8 END AS seconds,
            CASE WHEN w.discontinuity IS NOT DISTINCT FROM lag(w.discontinuity) OVER s THEN lag(w.in_octets) OVER s END AS was_in,
            CASE WHEN w.discontinuity IS NOT DISTINCT FROM lag(w.discontinuity) OVER s THEN lag(w.out_octets) OVER s END AS was_out,
            lag(w.in_errors) OVER s AS was_in_errors, lag(w.out_errors) OVER s AS was_out_errors,
            lag(w.in_discards) OVER s AS was_in_discards, lag(w.out_discards) OVER s AS was_out_discards
        FROM (
            -- One of the two, each by its own index.
            SELECT * FROM rollout.readings r
            WHERE of_subject IS NULL AND r.rollout = of_rollout AND r.at >= from_instant - interval '15 minutes'
                AND r.at < to_instant
            UNION ALL
            SELECT * FROM rollout.readings r
            WHERE of_rollout IS NULL AND r.subject = of_subject AND r.at >= from_instant - interval '15 minutes'
                AND r.at < to_instant) AS w
        WHERE w.subject_kind < 2
        -- Readings without an answer are passed over.
        WINDOW s AS (PARTITION BY w.rollout, w.subject, w.name, w.subject_kind, w.unknown IS NULL ORDER BY w.at)
    ) AS r
    WHERE r.at >= from_instant;
END;

-- Sees to it that there are partitions of the rollups for a day (UTC).
CREATE PROCEDURE rollout_projection.ensure_traffic_day(day date)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    parent text;
    part text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['traffic_5m', 'traffic_1h'] LOOP
        part := parent || to_char(day, '_YYYY_MM_DD');
        CONTINUE WHEN to_regclass(format('rollout_projection.%I', part)) IS NOT NULL;
        -- Attached, not created in place: that waits for nobody who reads.
        EXECUTE format('CREATE TABLE rollout_projection.%I (LIKE rollout_projection.%I)', part, parent);
        EXECUTE format(
            'ALTER TABLE rollout_projection.%I ATTACH PARTITION rollout_projection.%I FOR VALUES FROM (%L) TO (%L)', parent, part,
            day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
END $$;

-- Rolls up the samples of one span, which begins and ends with a step of five minutes and lies in one day (UTC). Doing it twice is
-- doing it once.
CREATE PROCEDURE rollout_projection.roll_up_span(from_instant timestamptz, to_instant timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    CALL rollout_projection.ensure_traffic_day((from_instant AT TIME ZONE 'UTC')::date);
    CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
    SELECT date_bin('5 minutes', r.at, 'epoch') AS at, r.subject_kind, r.subject, r.interface,
        count(*)::smallint AS samples, (count(*) FILTER (WHERE r.is_unknown))::smallint AS unknown,
        avg(r.in_bps)::real AS in_bps, avg(r.out_bps)::real AS out_bps, max(r.in_bps)::real AS max_in_bps,
        max(r.out_bps)::real AS max_out_bps, avg(r.errors_ps)::real AS errors_ps, avg(r.discards_ps)::real AS discards_ps
    FROM rollout.rollouts o, rollout_projection.rates(o.id, NULL, from_instant, to_instant) AS r
    GROUP BY 1, 2, 3, 4;

    INSERT INTO rollout_projection.series AS s (subject_kind, subject, interface, datacentre, range)
    SELECT DISTINCT ON (f.subject, f.interface, f.subject_kind) f.subject_kind, f.subject, f.interface, d.datacentre, d.range
    FROM fresh f LEFT JOIN LATERAL (
        SELECT p.datacentre, p.range FROM rollout_projection.plan_devices p
        WHERE f.subject_kind = 0 AND p.device = f.subject ORDER BY p.rollout DESC LIMIT 1) AS d ON true
    ON CONFLICT (subject, interface, subject_kind) DO UPDATE SET datacentre = excluded.datacentre, range = excluded.range
        WHERE (s.datacentre, s.range) IS DISTINCT FROM (excluded.datacentre, excluded.range);

    INSERT INTO rollout_projection.traffic_5m
    SELECT f.at, s.series, f.samples, f.unknown, f.in_bps, f.out_bps, f.max_in_bps, f.max_out_bps, f.errors_ps, f.discards_ps
    FROM fresh f JOIN rollout_projection.series s USING (subject, interface, subject_kind) ORDER BY f.at, s.series
    ON CONFLICT (series, at) DO UPDATE SET (samples, unknown, in_bps, out_bps, max_in_bps, max_out_bps, errors_ps, discards_ps) = ROW (
        excluded.samples, excluded.unknown, excluded.in_bps, excluded.out_bps, excluded.max_in_bps, excluded.max_out_bps,
        excluded.errors_ps, excluded.discards_ps);

    INSERT INTO rollout_projection.traffic_places
    SELECT f.at, s.datacentre, s.range, count(*), sum(f.unknown), sum(f.in_bps), sum(f.out_bps), sum(f.errors_ps), sum(f.discards_ps)
    FROM fresh f JOIN rollout_projection.series s USING (subject, interface, subject_kind)
    WHERE s.datacentre IS NOT NULL GROUP BY f.at, s.datacentre, s.range
    ON CONFLICT (at, datacentre, range) DO UPDATE SET (interfaces, unknown, in_bps, out_bps, errors_ps, discards_ps) = ROW (
        excluded.interfaces, excluded.unknown, excluded.in_bps, excluded.out_bps, excluded.errors_ps, excluded.discards_ps);

    INSERT INTO rollout_projection.traffic_1h
    SELECT date_bin('1 hour', t.at, 'epoch'), t.series, sum(t.samples), sum(t.unknown), avg(t.in_bps), avg(t.out_bps),
        max(t.max_in_bps), max(t.max_out_bps), avg(t.errors_ps), avg(t.discards_ps)
    FROM rollout_projection.traffic_5m t
    WHERE t.at >= date_bin('1 hour', from_instant, 'epoch')
        AND t.at < date_bin('1 hour', to_instant + interval '59 minutes 59 seconds', 'epoch')
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (series, at) DO UPDATE SET (samples, unknown, in_bps, out_bps, max_in_bps, max_out_bps, errors_ps, discards_ps) = ROW (
        excluded.samples, excluded.unknown, excluded.in_bps, excluded.out_bps, excluded.max_in_bps, excluded.max_out_bps,
        excluded.errors_ps, excluded.discards_ps);

    INSERT INTO rollout_projection.traffic_places_1h
    SELECT date_bin('1 hour', t.at, 'epoch'), t.datacentre, t.range, max(t.interfaces), sum(t.unknown), avg(t.in_bps), avg(t.out_bps),
        avg(t.errors_ps), avg(t.discards_ps)
    FROM rollout_projection.traffic_places t
    WHERE t.at >= date_bin('1 hour', from_instant, 'epoch')
        AND t.at < date_bin('1 hour', to_instant + interval '59 minutes 59 seconds', 'epoch')
    GROUP BY 1, t.datacentre, t.range
    ON CONFLICT (at, datacentre, range) DO UPDATE SET (interfaces, unknown, in_bps, out_bps, errors_ps, discards_ps) = ROW (
        excluded.interfaces, excluded.unknown, excluded.in_bps, excluded.out_bps, excluded.errors_ps, excluded.discards_ps);
    DROP TABLE fresh;
END $$;

-- Rolls up the steps that began in the hours of a span, and in the one before: steps take minutes.
CREATE PROCEDURE rollout_projection.roll_up_steps(from_instant timestamptz, to_instant timestamptz)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO rollout_projection.step_hours
    SELECT date_bin('1 hour', s.began_at, 'epoch'), d.datacentre, d.range, s.kind, s.outcome, count(*), sum(t.seconds), max(t.seconds)
    FROM rollout_projection.steps s
    JOIN rollout_projection.plan_devices d ON d.rollout = s.rollout AND d.device = s.device
    CROSS JOIN LATERAL (SELECT extract(epoch FROM s.ended_at - s.began_at)::float8 AS seconds) AS t
    WHERE s.began_at >= date_bin('1 hour', from_instant - interval '1 hour', 'epoch') AND s.began_at < to_instant AND s.ended_at IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (at, datacentre, range, kind, outcome) DO UPDATE SET
        steps = excluded.steps, seconds = excluded.seconds, longest = excluded.longest;
$$;

-- Rolls up what came since the last time, up to `now`: span by span, each in a transaction of its own. The step that `now` is in
-- is rolled up too, and again the next time, as is the one before: its last samples may come late. To be called every few minutes.
CREATE PROCEDURE rollout_projection.roll_up(now timestamptz DEFAULT clock_timestamp())
LANGUAGE plpgsql AS $$
DECLARE
    starts timestamptz;
    ends timestamptz;
    finish timestamptz := date_bin('5 minutes', now, 'epoch') + interval '5 minutes';
BEGIN
    -- Two at once would do everything twice.
    IF NOT pg_try_advisory_lock(1919708276, 4) THEN RETURN; END IF;
    SELECT coalesce(p.rolled_up_to, least((SELECT min(s.began_at) FROM rollout_projection.steps s), (
        SELECT min(first.at) FROM rollout.rollouts o, LATERAL (
            SELECT r.at FROM rollout.readings r WHERE r.rollout = o.id ORDER BY r.at LIMIT 1) AS first)))
    INTO starts FROM rollout_projection.progress p;
    starts := date_bin('5 minutes', starts, 'epoch');
    WHILE starts < finish LOOP
        -- Within an hour, and so within a day.
        ends := least(date_bin('1 hour', starts, 'epoch') + interval '1 hour', finish);
        CALL rollout_projection.roll_up_span(starts, ends);
        CALL rollout_projection.roll_up_steps(starts, ends);
        UPDATE rollout_projection.progress SET rolled_up_to = ends - interval '10 minutes';
        COMMIT;
        starts := ends;
    END LOOP;
    PERFORM pg_advisory_unlock(1919708276, 4);
END $$;

-- Drops what is older than it has to be kept: whole days (UTC) at once. A day of samples goes only once it was rolled up.
CREATE PROCEDURE rollout_projection.retain(
    sample_days integer, five_minute_days integer, hour_days integer, now timestamptz DEFAULT clock_timestamp()
)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    part record;
    today date := (now AT TIME ZONE 'UTC')::date;
    rolled_up_to date := (SELECT (p.rolled_up_to AT TIME ZONE 'UTC')::date FROM rollout_projection.progress p);
BEGIN
    IF least(sample_days, five_minute_days, hour_days) < 1 THEN
        RAISE 'at least one day has to be kept of everything, not %, % and %', sample_days, five_minute_days, hour_days;
    END IF;
    FOR part IN
        SELECT n.nspname AS schema, c.relname AS name, p.relname AS parent, to_date(right(c.relname, 10), 'YYYY_MM_DD') AS day
        FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        JOIN pg_class p ON p.oid = i.inhparent
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname, p.relname) IN (
            ('rollout', 'samples'), ('rollout', 'readings'), ('rollout', 'object_readings'), ('rollout_projection', 'traffic_5m'),
            ('rollout_projection', 'traffic_1h')) AND c.relkind = 'r'
        ORDER BY day, n.nspname, c.relname
    LOOP
        CONTINUE WHEN part.day >= today - CASE part.parent WHEN 'traffic_5m' THEN five_minute_days WHEN 'traffic_1h' THEN hour_days
            ELSE sample_days END;
        CONTINUE WHEN part.schema = 'rollout' AND (rolled_up_to IS NULL OR part.day >= rolled_up_to);
        BEGIN
            EXECUTE format('DROP TABLE %I.%I', part.schema, part.name);
        EXCEPTION WHEN lock_not_available THEN
            RAISE NOTICE '%.% is being read and was kept: the next call drops it', part.schema, part.name;
        END;
    END LOOP;
    DELETE FROM rollout_projection.traffic_places t WHERE t.at < (today - five_minute_days)::timestamp AT TIME ZONE 'UTC';
    DELETE FROM rollout_projection.traffic_places_1h t WHERE t.at < (today - hour_days)::timestamp AT TIME ZONE 'UTC';
    DELETE FROM rollout_projection.step_hours t WHERE t.at < (today - hour_days)::timestamp AT TIME ZONE 'UTC';
END $$;
