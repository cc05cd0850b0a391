-- Fills a store with a fleet of 10,000 devices over :days days until :'until': a rollout a night that changes all of them, through the triggers that any
-- rollout goes through; an hour of samples every 10 s; what those of :days days come to.
\set ON_ERROR_STOP on
SET jit = off;
SELECT set_config('fill.days', :'days', false), set_config('fill.until', :'until', false) \g /dev/null

INSERT INTO rollout.plans (digest, bytes) SELECT 'x', pg_read_binary_file(:'plan');

CREATE PROCEDURE pg_temp.facts(id bigint, began timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    wave record;
    names text[];
    last bigint := 0;
    now_ms bigint := extract(epoch FROM began) * 1000;
    step integer;
    words text[] := ARRAY['intent', 'outcome', 'intent', 'outcome'];
    kinds text[] := ARRAY['push', 'push', 'confirm', 'confirm'];
BEGIN
    INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, fact) VALUES
        (id, 1, now_ms, 0, 'created', '{"created":{"planDigest":"x","by":"ada"}}'),
        (id, 2, now_ms, 1, 'driving', '{"driving":{"holder":"ada@gra pid 1"}}');
    last := 2;
    FOR wave IN SELECT w.wave FROM rollout_projection.plan_waves w WHERE w.rollout = id ORDER BY w.wave LOOP
        names := ARRAY(SELECT d.device FROM rollout_projection.plan_devices d WHERE d.rollout = id AND d.wave = wave.wave ORDER BY d.place);
        INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, fact)
        VALUES (id, last + 1, now_ms, 1, 'wave_started', json_build_object('waveStarted', json_build_object('wave', wave.wave)));
        last := last + 1;
        FOR step IN 1..4 LOOP
            now_ms := now_ms + 4000;
            -- Every hundredth push times out, and its device is asked and found on its target.
            INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, device, fact)
            SELECT id, last + n.place, now_ms + n.place * 30, 1, words[step], n.name, json_build_object(words[step], json_strip_nulls(json_build_object(
                'step', json_build_object('attempt', 1, 'device', n.name, 'kind', kinds[step], 'revertsBy', CASE step WHEN 1 THEN '2030-01-01T00:00:00.000Z' END),
                'result', CASE
                    WHEN step = 2 AND (n.place + id + wave.wave) % 100 = 0 THEN
                        '{"failed":{"error":{"code":"timeout","message":"no answer within 10s","effect":"possible"}}}'::json
                    WHEN step = 2 THEN '{"done":{"revertsAt":"2030-01-01T00:00:00.000Z"}}'::json
                    WHEN step = 4 THEN '{"done":{}}'::json
                END)))
            FROM unnest(names) WITH ORDINALITY AS n(name, place);
            last := last + cardinality(names);
        END LOOP;
        now_ms := now_ms + 60000;
        INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, fact)
        SELECT id, last + g.place, now_ms, 1, 'judged', json_build_object('judged', json_build_object('wave', wave.wave, 'verdict', json_build_object(
            'gate', g.gate, 'outcome', CASE WHEN (wave.wave + id) % 41 = 0 THEN 'inconclusive' ELSE 'pass' END, 'reason', 'as before',
            'before', json_build_object('from', '2026-01-01T00:00:00.000Z', 'to', '2026-01-01T00:00:00.000Z'),
            'after', json_build_object('from', '2026-01-01T00:00:00.000Z', 'to', '2026-01-01T00:00:00.000Z'),
            'findings', (SELECT json_agg(json_build_object('subject', n, 'failed', false, 'isControl', false, 'before', 1, 'after', 1, 'limit', 5, 'unit', '/s',
                'series', ARRAY[1, 1, 1, 1, 1, 1, 1, 1])) FROM unnest(names) AS n))))
        FROM unnest(ARRAY['traffic', 'errors', 'discards', 'links']) WITH ORDINALITY AS g(gate, place);
        INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, fact)
        VALUES (id, last + 5, now_ms, 1, 'wave_passed', json_build_object('wavePassed', json_build_object('wave', wave.wave)));
        last := last + 5;
        COMMIT;
    END LOOP;
    -- The last one goes on.
    IF id < current_setting('fill.days')::bigint THEN
        INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, fact) VALUES (id, last + 1, now_ms, 1, 'finished', '{"finished":{"ending":"done"}}');
    ELSE
        INSERT INTO rollout.leases VALUES (id, 'ada@gra pid 1', 1, 4102444800000);
    END IF;
END $$;

\timing on
\echo == rollouts with their facts
DO $$
DECLARE
    began timestamptz;
    id bigint;
BEGIN
    FOR day IN 1..current_setting('fill.days')::integer LOOP
        began := current_setting('fill.until')::timestamptz - (current_setting('fill.days')::integer - day) * interval '1 day' - interval '5 hours';
        INSERT INTO rollout.rollouts (plan, plan_digest, title, created_at, created_by)
        SELECT p.id, 'x', 'night ' || day, extract(epoch FROM began) * 1000, 'ada' FROM rollout.plans p RETURNING rollouts.id INTO id;
        CALL pg_temp.facts(id, began);
        COMMIT;
    END LOOP;
END $$;
SELECT count(*) AS facts FROM rollout.entries;
SELECT rollout, trouble, unreadable FROM rollout_projection.rollouts WHERE trouble IS NOT NULL OR unreadable IS NOT NULL;

\echo == what samples of all days come to
INSERT INTO rollout_projection.series (subject_kind, subject, interface, datacentre, range)
SELECT 0, d.device, 'e0', d.datacentre, d.range FROM rollout_projection.plan_devices d WHERE d.rollout = 1;
INSERT INTO rollout_projection.series (subject_kind, subject, interface) SELECT 1, l.link, 'uplink' FROM rollout_projection.plan_links l WHERE l.rollout = 1;
DO $$
DECLARE
    parent text;
    spacing interval;
    part text;
    day date;
    last date := (current_setting('fill.until')::timestamptz AT TIME ZONE 'UTC')::date;
BEGIN
    FOR day IN SELECT last - n FROM generate_series(0, current_setting('fill.days')::integer) AS n LOOP
        FOR parent, spacing IN VALUES ('traffic_5m', interval '5 minutes'), ('traffic_1h', interval '1 hour') LOOP
            part := parent || to_char(day, '_YYYY_MM_DD');
            EXECUTE format('CREATE TABLE rollout_projection.%I (LIKE rollout_projection.%I)', part, parent);
            EXECUTE format(
                'INSERT INTO rollout_projection.%I SELECT t, s.series, 30, 0, 1e6 * (s.series %% 97), 1e7 * (s.series %% 97), 2e6 * (s.series %% 97),
                    2e7 * (s.series %% 97), 0, s.series %% 7 FROM generate_series(%L::timestamptz, %L::timestamptz, %L) AS t, rollout_projection.series s
                 WHERE t < %L::timestamptz',
                part, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC' - interval '1 second', spacing, current_setting('fill.until'));
            EXECUTE format('ALTER TABLE rollout_projection.%I ATTACH PARTITION rollout_projection.%I FOR VALUES FROM (%L) TO (%L)', parent, part,
                day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
        END LOOP;
        COMMIT;
    END LOOP;
    INSERT INTO rollout_projection.traffic_places
    SELECT t, p.datacentre, p.range, p.devices, 0, 1e10, 1e11, 0, 1000
    FROM generate_series((last - current_setting('fill.days')::integer)::timestamp AT TIME ZONE 'UTC', current_setting('fill.until')::timestamptz - interval '5 minutes', interval '5 minutes') AS t,
        rollout_projection.plan_places p WHERE p.rollout = 1;
END $$;
UPDATE rollout_projection.progress SET rolled_up_to = :'until'::timestamptz - interval '1 hour';

\echo == an hour of samples, every 10 s
SELECT rollout.ensure_day((:'until'::timestamptz AT TIME ZONE 'UTC')::date);
INSERT INTO rollout.readings (sample, place, rollout, at, subject_kind, subject, name, in_octets, out_octets, in_errors, out_errors, in_discards, out_discards, wide, oper_status, high_speed)
SELECT n * 10050 + s.series, 0, :days, :'until'::timestamptz - interval '1 hour' + n * interval '10 s' + s.series * interval '1 ms', s.subject_kind, s.subject, s.interface,
    n * 1250000::bigint * (s.series % 97), n * 12500000::bigint * (s.series % 97), 0, 0, 0, n * (s.series % 7), 3, 1, 10000
FROM generate_series(0, 359) AS n, rollout_projection.series s;

\echo == rolling the hour up, as it is every few minutes
CALL rollout_projection.roll_up(:'until'::timestamptz - interval '1 second');
\echo == vacuum, analyze
VACUUM ANALYZE;
\echo == sizes
SELECT n.nspname || '.' || coalesce(p.relname, c.relname) AS of, pg_size_pretty(sum(pg_total_relation_size(c.oid))) AS size
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE n.nspname IN ('rollout', 'rollout_projection') AND c.relkind = 'r' GROUP BY 1 HAVING sum(pg_total_relation_size(c.oid)) > 10e6 ORDER BY sum(pg_total_relation_size(c.oid)) DESC;
