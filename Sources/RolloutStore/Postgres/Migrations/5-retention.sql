-- Rolling up and dropping days beside rollouts that are driven: nobody waits for either for longer than half a second.

-- Rolls up what came since the last time, up to `now`: span by span, each in a transaction of its own. The step that `now` is in
-- is rolled up too, and again the next time, as is the one before: its last samples may come late. To be called every few minutes.
CREATE OR REPLACE PROCEDURE rollout_projection.roll_up(now timestamptz DEFAULT clock_timestamp())
LANGUAGE plpgsql AS $$
DECLARE
    starts timestamptz;
    ends timestamptz;
    finish timestamptz := date_bin('5 minutes', now, 'epoch') + interval '5 minutes';
BEGIN
    -- Two at once would do everything twice. Not the lock of the service journal, which nobody may hold for minutes.
    IF NOT pg_try_advisory_lock(1919708276, 5) THEN RETURN; END IF;
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
    PERFORM pg_advisory_unlock(1919708276, 5);
END $$;

-- Drops what is older than it has to be kept: whole days (UTC), each in a transaction of its own, so that no lock is held while another
-- is waited for. A day of samples goes only once it was rolled up, and a day that somebody reads is kept until the next call.
CREATE OR REPLACE PROCEDURE rollout_projection.retain(
    sample_days integer, five_minute_days integer, hour_days integer, now timestamptz DEFAULT clock_timestamp()
)
LANGUAGE plpgsql AS $$
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
        FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname, p.relname) IN (
            ('rollout', 'samples'), ('rollout', 'readings'), ('rollout', 'object_readings'), ('rollout_projection', 'traffic_5m'),
            ('rollout_projection', 'traffic_1h')) AND c.relkind = 'r'
        ORDER BY day, n.nspname, c.relname
    LOOP
        CONTINUE WHEN part.day >= today - CASE part.parent WHEN 'traffic_5m' THEN five_minute_days WHEN 'traffic_1h' THEN hour_days
            ELSE sample_days END;
        CONTINUE WHEN part.schema = 'rollout' AND (rolled_up_to IS NULL OR part.day >= rolled_up_to);
        BEGIN
            -- Whoever adds samples waits behind this.
            PERFORM set_config('lock_timeout', '500ms', true);
            EXECUTE format('DROP TABLE %I.%I', part.schema, part.name);
        EXCEPTION WHEN lock_not_available THEN
            RAISE NOTICE '%.% is being read and was kept: the next call drops it', part.schema, part.name;
        END;
        COMMIT;
    END LOOP;
    DELETE FROM rollout_projection.traffic_places t WHERE t.at < (today - five_minute_days)::timestamp AT TIME ZONE 'UTC';
    DELETE FROM rollout_projection.traffic_places_1h t WHERE t.at < (today - hour_days)::timestamp AT TIME ZONE 'UTC';
    DELETE FROM rollout_projection.step_hours t WHERE t.at < (today - hour_days)::timestamp AT TIME ZONE 'UTC';
END $$;
