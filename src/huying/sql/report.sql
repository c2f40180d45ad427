-- Writes new cases with everything that comes with them, in one statement: so that a report is
-- one round trip and one commit, and a batch of five hundred is too.
--
-- `told` is a JSON array, one object a case; `common` is another, with what the cases of one
-- occasion share: when, by whom, and which jobs follow. A case whose idempotency key is known
-- already is not written; the statement returns the positions of those that were. Two writers
-- with the same key: the second waits at the unique index for the first, and then writes nothing.
WITH common AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(common)s::json) AS t (
        occasion integer, received_at timestamptz, written_at timestamptz, reporter_id bigint, actor_kind text,
        actor_id bigint, post_id bigint, role text, jobs json
    )
),
told AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(told)s::json) AS t (
        position integer, occasion integer, id uuid, district_code text, number text, channel text, kind text,
        level text, item_code text, item_version_id bigint, suggested_item text,
        emergency_words text, holder_code text, area_code text, grid_code text, address text,
        address_words text,
        lon float8, lat float8, told_lon float8, told_lat float8, told_datum text,
        accuracy_m float8, occurred_at timestamptz, accept_due timestamptz,
        total_due timestamptz, yellow_at timestamptz, wake_at timestamptz, alarms boolean,
        parent_id uuid, data jsonb, prev text, hash text, text_id uuid, body text, hidden text, salt text, digest text,
        contact json, answers json, party_id uuid, caller text, key text, body_digest text, answer jsonb
    )
),
keys AS (
    INSERT INTO idempotency_key (caller, verb, key, body_digest, case_id, answer, created_at)
    SELECT caller, 'report', key, decode(body_digest, 'hex'), id, answer, received_at
    FROM told JOIN common USING (occasion) WHERE key IS NOT NULL
    ORDER BY caller, key  -- two batches with common keys take them in one order, and cannot deadlock
    ON CONFLICT DO NOTHING
    RETURNING case_id
),
fresh AS MATERIALIZED (
    SELECT * FROM told WHERE key IS NULL OR id IN (SELECT case_id FROM keys)
),
cases AS (
    INSERT INTO "case" (
        id, district_code, number, state, channel, kind, level, item_code, item_version_id,
        suggested_item, emergency_words, holder_code, area_code, grid_code, address, lon, lat,
        told_lon, told_lat, told_datum, accuracy_m, occurred_at, received_at, desk_since,
        accept_due, total_due, due_at, yellow_at, wake_at, alarms, reporter_id,
        parent_id, last_seq, last_hash, changed_at
    )
    SELECT
        id, district_code, number, 'reported', channel, kind, level, item_code, item_version_id,
        suggested_item, emergency_words, holder_code, area_code, grid_code, address, lon, lat,
        told_lon, told_lat, told_datum, accuracy_m, occurred_at, received_at, received_at,
        accept_due, total_due, accept_due, yellow_at, wake_at, alarms, reporter_id,
        parent_id, 1, decode(hash, 'hex'), received_at
    FROM fresh JOIN common USING (occasion)
),
events AS (
    INSERT INTO case_event (
        case_id, seq, written_at, at, district_code, verb, actor_kind, actor_id, post_id, role,
        from_state, to_state, data, prev, hash
    )
    SELECT
        id, 1, written_at, received_at, district_code, 'report', actor_kind, actor_id, post_id,
        role, NULL, 'reported', data, decode(prev, 'hex'), decode(hash, 'hex')
    FROM fresh JOIN common USING (occasion)
),
texts AS (
    INSERT INTO case_text (id, case_id, district_code, kind, seq, body, hidden_enc, salt, digest)
    SELECT text_id, id, district_code, 'description', 1, body, decode(hidden, 'hex'), decode(salt, 'hex'),
           decode(digest, 'hex')
    FROM fresh
),
addresses AS (
    INSERT INTO case_address_words (case_id, district_code, words)
    SELECT id, district_code, address_words FROM fresh WHERE address_words IS NOT NULL
),
contacts AS (
    INSERT INTO case_contact (
        id, case_id, district_code, seq, name_enc, phone_enc, name_masked, phone_masked,
        phone_index, salt, digest
    )
    SELECT c.id, fresh.id, district_code, 1, decode(c.name_enc, 'hex'), decode(c.phone_enc, 'hex'),
           c.name_masked, c.phone_masked, decode(c.phone_index, 'hex'), decode(c.salt, 'hex'),
           decode(c.digest, 'hex')
    FROM fresh, json_to_record(fresh.contact) AS c (
        id uuid, name_enc text, phone_enc text, name_masked text, phone_masked text,
        phone_index text, salt text, digest text
    )
    WHERE fresh.contact IS NOT NULL
),
answers AS (
    INSERT INTO case_answers (
        id, case_id, district_code, form_id, seq, body, masked, sealed, salt, digest
    )
    SELECT a.id, fresh.id, district_code, a.form_id, 1, a.body, a.masked, decode(a.sealed, 'hex'),
           decode(a.salt, 'hex'), decode(a.digest, 'hex')
    FROM fresh, json_to_record(fresh.answers) AS a (
        id uuid, form_id bigint, body text, masked text, sealed text, salt text, digest text
    )
    WHERE fresh.answers IS NOT NULL
),
parties AS (
    INSERT INTO case_party (id, case_id, district_code, part, account_id, since_seq)
    SELECT party_id, id, district_code, 'reporter', reporter_id, 1
    FROM fresh JOIN common USING (occasion) WHERE party_id IS NOT NULL
),
jobs AS (
    -- The columns of procrastinate's own procrastinate_defer_jobs_v1, without its round trip. After
    -- all other jobs: a flood of reports may not hold up the clock or an alarm.
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
    SELECT job.queue, job.task, 0, jsonb_build_object('case_id', fresh.id::text) || job.carried
    FROM fresh JOIN common USING (occasion), json_to_recordset(common.jobs) AS job (queue text, task text, carried jsonb)
)
SELECT position FROM fresh ORDER BY position
