-- Fills the bench database: %(rows)s cases of the last two years, each with an event, a text, a
-- lead party and an order. A filler's event log is no chain (its hashes are noise) and says only
-- that rows are there; the cases that a benchmark makes itself are whole.
-- %(open)s in a thousand are open, %(due)s of those are due now.
CREATE TEMP TABLE filler ON COMMIT DROP AS
SELECT
    gen_random_uuid() AS id,
    n,
    g.code AS grid,
    left(g.code, 9) AS town,
    (SELECT array_agg(u.id) FROM unit u WHERE u.area_code = left(g.code, 9)
        AND u.kind = 'department') AS units,
    n %% 1000 < %(open)s AS is_open,
    now() - make_interval(secs => (%(rows)s - n) * 63.0) AS received
FROM generate_series(1, %(rows)s) AS n
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS number, count(*) OVER () AS many
      FROM grid) AS g ON g.number = n %% g.many + 1;

INSERT INTO "case" (
    id, district_code, number, state, channel, kind, level, item_code, item_version_id,
    holder_code, area_code, grid_code, address, lon, lat, received_at, accepted_at,
    dispatched_at, desk_since, handle_due, due_at, wake_at, ended_at, lead_unit_id,
    last_seq, last_hash, changed_at
)
SELECT
    filler.id, '440113', town || to_char(received, 'YYYYMMDD') || lpad((50000000 + n)::text, 8, '0'),
    CASE WHEN is_open THEN 'handling' ELSE 'closed' END, 'patrol', 'complex', 'town',
    v.item_id, v.id, town, grid, grid, '兴业大道' || n || '号', 113.3 + n %% 997 / 5000.0,
    22.9 + n %% 991 / 5000.0, received, received + interval '9 minutes',
    received + interval '20 minutes', received, received + interval '3 days',
    CASE WHEN is_open THEN now() + make_interval(secs => n %% 86400 + 3600) END,
    CASE WHEN is_open THEN
        CASE WHEN n %% 1000000 < %(due)s THEN now() - make_interval(secs => n %% 3600 + 1)
             ELSE now() + make_interval(secs => n %% 86400 + 3600) END END,
    CASE WHEN is_open THEN NULL ELSE received + interval '2 days' END,
    units[n %% cardinality(units) + 1], 4, decode(repeat('5a', 32), 'hex'), received
FROM filler
JOIN (SELECT id, item_id, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS many
      FROM item_version) AS v ON v.number = n %% v.many + 1;

INSERT INTO case_event (
    case_id, seq, written_at, at, district_code, verb, actor_kind, to_state, data, prev, hash
)
SELECT id, seq, now(), received, '440113', verb, 'system', state, '{}',
       decode(repeat('5a', 32), 'hex'), decode(repeat('5a', 32), 'hex')
FROM filler, (VALUES (1, 'report', 'reported'), (2, 'accept', 'accepted'),
                     (3, 'dispatch', 'dispatched'), (4, 'sign_for', 'handling')
             ) AS e (seq, verb, state);

INSERT INTO case_text (id, case_id, district_code, kind, seq, body, salt, digest)
SELECT gen_random_uuid(), id, '440113', 'description', 1,
       '兴业大道' || n || '号门口的路灯坏了，晚上很黑，请派人来修', decode(repeat('5a', 16), 'hex'),
       decode(repeat('5a', 32), 'hex')
FROM filler;

INSERT INTO case_party (id, case_id, district_code, part, unit_id, since_seq)
SELECT gen_random_uuid(), id, '440113', 'lead', units[n %% cardinality(units) + 1], 3 FROM filler;

INSERT INTO dispatch_order (
    id, case_id, district_code, unit_id, part, dispatched_at, suggested, signed_at, return_reason,
    ended_at
)
SELECT gen_random_uuid(), id, '440113', units[n %% cardinality(units) + 1], 'lead', received,
       true, received, '', CASE WHEN is_open THEN NULL ELSE received END
FROM filler;
