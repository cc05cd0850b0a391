-- Another device that answers in the place of one says nothing of its revert timer, which may go on: the outcome
-- in rollout.entries has isStranger.

ALTER FUNCTION rollout_projection.follow_result(bigint, bigint, timestamptz, jsonb, jsonb) RENAME TO follow_any_result;

-- A step found the device somewhere, or failed.
CREATE FUNCTION rollout_projection.follow_result(id bigint, at_sequence bigint, now timestamptz, said jsonb, result jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    its_timer record;
BEGIN
    SELECT d.reverts_at, d.reverts_by INTO its_timer
    FROM rollout_projection.devices d WHERE d.rollout = id AND d.device = said ->> 'device';
    PERFORM rollout_projection.follow_any_result(id, at_sequence, now, said, result);
    IF result #> '{found,standing,other,isStranger}' = 'true' THEN
        UPDATE rollout_projection.devices d SET reverts_at = its_timer.reverts_at, reverts_by = its_timer.reverts_by
        WHERE d.rollout = id AND d.device = said ->> 'device';
    END IF;
END $$;
