-- The event log: append only, one partition a month by the database's own time of writing.
--
-- The primary key cannot promise (case_id, seq) alone, since a partitioned table's key must hold
-- the partition's column; the case's row, locked by every verb, gives each seq once.

CREATE TABLE case_event (
    case_id       uuid        NOT NULL,
    seq           integer     NOT NULL CHECK (seq > 0),
    written_at    timestamptz NOT NULL,
    at            timestamptz NOT NULL,
    district_code varchar(6)  NOT NULL,
    verb          varchar(24) NOT NULL,
    actor_kind    varchar(12) NOT NULL,
    actor_id      bigint,
    post_id       bigint,
    role          varchar(24),
    from_state    varchar(10),
    to_state      varchar(10) NOT NULL,
    data          jsonb       NOT NULL,
    prev          bytea       NOT NULL CHECK (length(prev) = 32),
    hash          bytea       NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (case_id, seq, written_at)
) PARTITION BY RANGE (written_at);

-- What no month takes, so that a forgotten partition never refuses an event.
CREATE TABLE case_event_default PARTITION OF case_event DEFAULT;

-- Statistics and the assessment's cursor read events in the order of their writing.
CREATE INDEX case_event_written ON case_event (written_at);

-- Makes the partitions of the present month and of `ahead` months after it; how many were new.
-- Runs as the tables' owner, because the application may not make tables. Rows that waited in
-- the default partition move into their month.
CREATE FUNCTION case_event_partitions(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    first   timestamptz;
    name    text;
    made    integer := 0;
    grantee regrole;
BEGIN
    IF ahead < 0 OR ahead > 24 THEN
        RAISE EXCEPTION 'ahead must lie between 0 and 24, not %', ahead;
    END IF;
    FOR month IN 0..ahead LOOP
        first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => month))
                 AT TIME ZONE 'UTC';
        name := 'case_event_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
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
            ' INSERT INTO public.%I SELECT * FROM moved',
            first, (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC', name);
        EXECUTE format(
            'ALTER TABLE public.case_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            name, first, (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

SELECT case_event_partitions(3);

-- Case numbers end in a serial of this sequence. No cache: a number issued later is larger.
CREATE SEQUENCE case_serial AS bigint CACHE 1 NO CYCLE;
