-- Takes the named cases' events out of the log: the one place that deletes events, for made-up
-- ones, and only the owner can run it. Also the keys under which those cases came in, and the jobs
-- that still wait for the worker and would find no case.
-- %(cases)s is an array of case ids.
WITH keys AS (
    DELETE FROM idempotency_key WHERE case_id = ANY(%(cases)s::uuid[])
), jobs AS (
    DELETE FROM procrastinate_jobs
    WHERE status = 'todo' AND args ->> 'case_id' = ANY(%(cases)s::uuid[]::text[])
)
DELETE FROM case_event WHERE case_id = ANY(%(cases)s::uuid[])
