-- One month's partition of the event log, for a month that lies behind: what `case_event_partitions`
-- makes ahead of time. The owner's, for this connection alone.
CREATE FUNCTION pg_temp.partition_of(first timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    name    text := 'case_event_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
    next    timestamptz := (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
    grantee regrole;
BEGIN
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.case_event INCLUDING ALL)', name);
    -- Default privileges have just granted the application what it must never have.
    FOR grantee IN
        SELECT DISTINCT acl.grantee::regrole
        FROM pg_class c, aclexplode(c.relacl) AS acl
        WHERE c.oid = to_regclass('public.' || name) AND acl.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM %s', name, grantee);
    END LOOP;
    EXECUTE format(
        'WITH moved AS (DELETE FROM public.case_event_default'
        ' WHERE written_at >= %L AND written_at < %L RETURNING *)'
        ' INSERT INTO public.%I SELECT * FROM moved', first, next, name);
    EXECUTE format(
        'ALTER TABLE public.case_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, first, next);
    RETURN true;
END
$$;
