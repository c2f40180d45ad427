-- Writes one step of a case in one statement: what it changed in the row, its event, its words, and
-- the jobs that follow. The row is locked already.
--
-- `step` is a JSON object; its `row` has the changed columns alone, and the others stay as they are.
-- Naming all columns of the row all the same, this is one statement, planned once, for all verbs.
WITH told AS MATERIALIZED (
    SELECT %(step)s::jsonb AS step
),
changed AS (
    UPDATE "case" SET ({columns}) = (
        SELECT {columns} FROM jsonb_populate_record("case", told.step -> 'row')
    )
    FROM told WHERE id = %(case)s
    RETURNING id
),
events AS (
    INSERT INTO case_event (
        case_id, seq, written_at, at, district_code, verb, actor_kind, actor_id, post_id, role,
        from_state, to_state, data, prev, hash
    )
    SELECT
        %(case)s, seq, written_at, at, district_code, verb, actor_kind, actor_id, post_id, role,
        from_state, to_state, data, prev, hash
    FROM told, jsonb_to_record(step -> 'event') AS t (
        seq integer, written_at timestamptz, at timestamptz, district_code text, verb text,
        actor_kind text, actor_id bigint, post_id bigint, role text, from_state text,
        to_state text, data jsonb, prev bytea, hash bytea
    )
),
texts AS (
    INSERT INTO case_text (id, case_id, district_code, kind, seq, body, hidden_enc, salt, digest)
    SELECT id, %(case)s, district_code, kind, seq, body, hidden_enc, salt, digest
    FROM told, jsonb_to_recordset(step -> 'texts') AS t (
        id uuid, district_code text, kind text, seq integer, body text, hidden_enc bytea,
        salt bytea, digest bytea
    )
),
jobs AS (
    -- The columns of procrastinate's own procrastinate_defer_jobs_v1, without its round trip.
    INSERT INTO procrastinate_jobs (
        queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at
    )
    SELECT queue, task, priority, lock, queueing_lock, args, scheduled_at
    FROM told, jsonb_to_recordset(step -> 'jobs') AS t (
        queue text, task text, priority integer, lock text, queueing_lock text, args jsonb,
        scheduled_at timestamptz
    )
)
SELECT id FROM changed
