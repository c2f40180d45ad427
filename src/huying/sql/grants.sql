-- What the application's role may do. Applied by the owner after each migration;
-- `:application` is the role's name as an identifier, `:application_name` as a string.
--
-- The event log, the seals and the access log can be written and read, never changed or
-- deleted: not a trigger that could be switched off, but a right that is not there.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :application;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :application;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :application;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO :application;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :application;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :application;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO :application;

DO $grants$
DECLARE
    application CONSTANT text := (SELECT quote_ident(:application_name));
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace
          AND c.relname IN ('person_request_step',
                            'case_event', 'seal', 'access_log', 'grid_change',
                            'handling_record', 'seized_goods', 'whistle_step', 'task_step',
                            'handover', 'handover_matter', 'handover_taking', 'register_change', 'care_step',
                            'survey_step', 'branch_change', 'neighbour_step', 'joint_step',
                            'score_month', 'score_closed', 'duty_step')
          AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', relation.name, application);
        EXECUTE format('GRANT SELECT, INSERT ON %s TO %s', relation.name, application);
    END LOOP;
    -- Rights on a partitioned table are checked on the table that is named: with none on the
    -- partitions themselves, there is no way round it.
    FOR relation IN
        SELECT i.inhrelid::regclass AS name
        FROM pg_inherits i
        JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relnamespace = 'public'::regnamespace
          AND p.relname IN ('case_event', 'seal', 'access_log', 'grid_change')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', relation.name, application);
    END LOOP;
END
$grants$;

-- Words of a handover note can be erased, and never changed.
DO $words$
BEGIN
    IF to_regclass('public.handover_text') IS NOT NULL THEN
        EXECUTE format('REVOKE UPDATE ON handover_text FROM %I', :application_name);
    END IF;
END
$words$;

-- So can the confirmed minutes of a joint meeting.
DO $minutes$
BEGIN
    IF to_regclass('public.joint_minutes') IS NOT NULL THEN
        EXECUTE format('REVOKE UPDATE ON joint_minutes FROM %I', :application_name);
    END IF;
END
$minutes$;

-- The figures of a closed period are written once.
-- What is worked out from the log may be thrown away as a whole, and is made anew.
DO $figures$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['closed_period', 'closed_figure'] LOOP
        IF to_regclass('public.' || relation) IS NOT NULL THEN
            EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM %I', relation, :application_name);
        END IF;
    END LOOP;
    FOREACH relation IN ARRAY ARRAY['tally_fact', 'counted_case', 'open_case', 'rolled_tally',
                                    'rolled_state', 'rolled_cursor'] LOOP
        IF to_regclass('public.' || relation) IS NOT NULL THEN
            EXECUTE format('GRANT TRUNCATE ON %I TO %I', relation, :application_name);
        END IF;
    END LOOP;
END
$figures$;

-- Which migrations were applied is the owner's to say.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM :application;
