-- What follows the event log: facts, their sums, and the open cases. Statements by their names;
-- {keys} is replaced by the one of that name.

-- name: keys
-- Under which sums a fact f stands: its district, town, community and grid as far as its place is
-- known, and each other subject in its town and in its district.
LATERAL (
    VALUES ('district', left(f.area_code, 6), left(f.area_code, 6)),
           ('town', left(f.area_code, 6), CASE WHEN length(f.area_code) >= 9 THEN left(f.area_code, 9) END),
           ('community', left(f.area_code, 9), CASE WHEN length(f.area_code) >= 12 THEN left(f.area_code, 12) END),
           ('grid', left(f.area_code, 12), CASE WHEN length(f.area_code) >= 15 THEN f.area_code END)
    UNION ALL
    SELECT s.by, a.area, s.subject
    FROM (VALUES ('holder', f.holder_code), ('unit', coalesce(f.unit_id::text, '')),
                 ('reporter', coalesce(f.reporter_id::text, '')),
                 ('account', coalesce(f.account_id::text, '')),
                 ('item', f.item_code), ('channel', f.channel)) AS s (by, subject),
         (VALUES (left(f.area_code, 6)),
                 (CASE WHEN length(f.area_code) >= 9 THEN left(f.area_code, 9) END)) AS a (area)
    WHERE a.area IS NOT NULL
) AS k (by, area, subject)

-- name: cursor
SELECT xid, system, ripe_until, sweep_after FROM rolled_cursor WHERE id = 1 FOR UPDATE SKIP LOCKED

-- name: begin
-- A database that was never followed: all its cases are looked through once.
INSERT INTO rolled_cursor (id, xid, system, ripe_until, sweep_after, sweep_since)
SELECT 1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, system_identifier::text,
       clock_timestamp(), '00000000-0000-0000-0000-000000000000', clock_timestamp()
FROM pg_control_system()
ON CONFLICT DO NOTHING

-- name: moment
-- Before this transaction number none is open any more, and what they wrote is seen by every later
-- statement.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, clock_timestamp(), system_identifier::text
FROM pg_control_system()

-- name: to_do
-- Whether there is anything to do; where there is not, nothing is written. The order is for the server's sake:
-- of an EXISTS it thinks that a third of all events are new, and reads a month of them to find none.
SELECT c.sweep_after IS NOT NULL
    OR c.system <> (SELECT system_identifier::text FROM pg_control_system())
    OR EXISTS (SELECT FROM tally_fact f WHERE f.from_at > c.ripe_until AND f.from_at <= %(now)s
               AND f.until_at IS NULL)
    OR (SELECT true FROM case_event e LEFT JOIN counted_case n ON n.case_id = e.case_id
        WHERE e.xid >= c.xid::text::xid8 AND (n.seq IS NULL OR n.seq < e.seq)
        ORDER BY e.xid LIMIT 1) IS NOT NULL
FROM rolled_cursor c WHERE c.id = 1

-- name: behind
-- The oldest moment that the sums should have in them and have not.
SELECT least(
    c.sweep_since,
    (SELECT f.from_at FROM tally_fact f WHERE f.from_at > c.ripe_until AND f.from_at <= %(now)s
     AND f.until_at IS NULL ORDER BY f.from_at LIMIT 1),
    (SELECT e.written_at FROM case_event e LEFT JOIN counted_case n ON n.case_id = e.case_id
     WHERE e.xid >= c.xid::text::xid8 AND (n.seq IS NULL OR n.seq < e.seq)
     ORDER BY e.xid LIMIT 1)
) FROM rolled_cursor c WHERE c.id = 1

-- name: events
-- Events that were not counted, in the order in which their transactions began to write.
SELECT e.case_id, e.seq, e.at, e.written_at, e.verb, e.actor_kind, e.actor_id, e.role, e.from_state,
       e.to_state, e.data, coalesce(n.seq, 0), e.xid::text::bigint
FROM case_event e LEFT JOIN counted_case n ON n.case_id = e.case_id
WHERE e.xid >= %(xid)s::text::xid8 AND (n.seq IS NULL OR n.seq < e.seq)
ORDER BY e.xid LIMIT %(limit)s

-- name: uncounted
-- The next cases of a look through all of them that have events which were not counted.
SELECT c.id, coalesce(n.seq, 0)
FROM "case" c LEFT JOIN counted_case n ON n.case_id = c.id
WHERE c.id > %(after)s AND (n.seq IS NULL OR n.seq < c.last_seq)
ORDER BY c.id LIMIT %(limit)s

-- name: to_count
SELECT count(*) FROM "case" c LEFT JOIN counted_case n ON n.case_id = c.id
WHERE n.seq IS NULL OR n.seq < c.last_seq

-- name: histories
SELECT case_id, seq, at, written_at, verb, actor_kind, actor_id, role, from_state, to_state, data
FROM case_event WHERE case_id = ANY(%(cases)s) ORDER BY case_id, seq

-- name: held
SELECT case_id, number, seq, day, due, area_code, holder_code, item_code, channel, kind, unit_id,
       account_id, reporter_id, tallies, from_at, until_at
FROM tally_fact WHERE case_id = ANY(%(cases)s)

-- name: ripen
-- What has begun to count with time.
INSERT INTO rolled_tally (by, area, tally, day, subject, n)
SELECT k.by, k.area, t.tally, f.day, k.subject, count(*)
FROM tally_fact f, unnest(f.tallies) AS t (tally), {keys}
WHERE f.from_at > %(since)s AND f.from_at <= %(now)s AND f.until_at IS NULL AND k.subject IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (by, area, tally, day, subject) DO UPDATE SET n = rolled_tally.n + excluded.n

-- name: learn
-- Facts that end, never held or are new, and what that changes in the sums.
WITH dropped AS (
    DELETE FROM tally_fact f
    USING unnest(%(dropped_cases)s::uuid[], %(dropped)s::int[]) AS d (case_id, number)
    WHERE f.case_id = d.case_id AND f.number = d.number
    RETURNING f.area_code, f.holder_code, f.unit_id, f.reporter_id, f.account_id, f.item_code, f.channel,
              f.day, f.tallies, f.from_at
),
ended AS (
    UPDATE tally_fact f SET until_at = d.until_at
    FROM unnest(%(ended_cases)s::uuid[], %(ended)s::int[], %(ends)s::timestamptz[])
         AS d (case_id, number, until_at)
    WHERE f.case_id = d.case_id AND f.number = d.number
    RETURNING f.area_code, f.holder_code, f.unit_id, f.reporter_id, f.account_id, f.item_code, f.channel,
              f.day, f.tallies, f.from_at
),
added AS (
    INSERT INTO tally_fact (
        case_id, number, district_code, seq, day, due, area_code, holder_code, item_code, channel, kind,
        unit_id, account_id, reporter_id, tallies, from_at, until_at
    )
    SELECT case_id, number, left(area_code, 6), seq, day, due, area_code, holder_code, item_code, channel,
           kind, unit_id, account_id, reporter_id, string_to_array(tallies, ' '), from_at, until_at
    FROM unnest(
        %(cases)s::uuid[], %(numbers)s::int[], %(seqs)s::int[], %(days)s::date[], %(dues)s::timestamptz[],
        %(areas)s::text[], %(holders)s::text[], %(items)s::text[], %(channels)s::text[], %(kinds)s::text[],
        %(units)s::bigint[], %(accounts)s::bigint[], %(reporters)s::bigint[], %(tallies)s::text[],
        %(froms)s::timestamptz[], %(untils)s::timestamptz[]
    ) AS a (case_id, number, seq, day, due, area_code, holder_code, item_code, channel, kind, unit_id,
            account_id, reporter_id, tallies, from_at, until_at)
    RETURNING area_code, holder_code, unit_id, reporter_id, account_id, item_code, channel, day, tallies,
              from_at, until_at
),
f AS (
    SELECT -1 AS sign, * FROM dropped WHERE from_at <= %(now)s
    UNION ALL SELECT -1, * FROM ended WHERE from_at <= %(now)s
    UNION ALL
    SELECT 1, area_code, holder_code, unit_id, reporter_id, account_id, item_code, channel, day, tallies,
           from_at
    FROM added WHERE until_at IS NULL AND from_at <= %(now)s
)
INSERT INTO rolled_tally (by, area, tally, day, subject, n)
SELECT k.by, k.area, t.tally, f.day, k.subject, sum(f.sign)
FROM f, unnest(f.tallies) AS t (tally), {keys}
WHERE k.subject IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
HAVING sum(f.sign) <> 0
ON CONFLICT (by, area, tally, day, subject) DO UPDATE SET n = rolled_tally.n + excluded.n

-- name: stand
-- How far these cases were counted and how they stand, and what that changes in the sums of states.
WITH now AS MATERIALIZED (
    SELECT c.id AS case_id, c.district_code, s.seq, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           c.area_code, c.holder_code, c.lead_unit_id, c.state, c.due_at, c.yellow_at,
           c.suspended_until IS NOT NULL AS suspended, c.state = ANY(%(open)s::text[]) AS is_open
    FROM unnest(%(cases)s::uuid[], %(seqs)s::int[]) AS s (id, seq) JOIN "case" c ON c.id = s.id
),
before AS MATERIALIZED (
    SELECT o.day, o.area_code, o.state FROM counted_case o JOIN now ON now.case_id = o.case_id
),
counted AS (
    INSERT INTO counted_case (case_id, district_code, seq, day, area_code, state)
    SELECT case_id, district_code, seq, day, area_code, state FROM now
    ON CONFLICT (case_id) DO UPDATE
    SET seq = excluded.seq, day = excluded.day, area_code = excluded.area_code, state = excluded.state
),
opened AS (
    INSERT INTO open_case (case_id, district_code, area_code, holder_code, unit_id, state, due_at, yellow_at,
                           suspended)
    SELECT case_id, district_code, area_code, holder_code, lead_unit_id, state, due_at, yellow_at, suspended
    FROM now WHERE is_open
    ON CONFLICT (case_id) DO UPDATE
    SET area_code = excluded.area_code, holder_code = excluded.holder_code, unit_id = excluded.unit_id,
        state = excluded.state, due_at = excluded.due_at, yellow_at = excluded.yellow_at,
        suspended = excluded.suspended
),
closed AS (
    DELETE FROM open_case o USING now WHERE o.case_id = now.case_id AND NOT now.is_open
)
INSERT INTO rolled_state (level, day, area, state, n)
SELECT l.level, f.day, left(f.area_code, l.level), f.state, sum(f.sign)
FROM (SELECT -1 AS sign, day, area_code, state FROM before
      UNION ALL SELECT 1, day, area_code, state FROM now) AS f, (VALUES (9), (12)) AS l (level)
GROUP BY 1, 2, 3, 4
HAVING sum(f.sign) <> 0
ON CONFLICT (level, day, area, state) DO UPDATE SET n = rolled_state.n + excluded.n

-- name: move
UPDATE rolled_cursor
SET xid = %(xid)s, system = %(system)s, ripe_until = %(now)s, sweep_after = %(sweep_after)s,
    sweep_since = CASE WHEN %(sweep_after)s::uuid IS NULL THEN NULL ELSE coalesce(sweep_since, %(now)s) END
WHERE id = 1

-- name: clear
TRUNCATE tally_fact, counted_case, open_case, rolled_tally, rolled_state, rolled_cursor

-- name: hold
-- Nobody follows until this transaction has ended.
SELECT ripe_until FROM rolled_cursor WHERE id = 1 FOR UPDATE

-- name: room
-- All facts are summed up at once: in memory, which the usual four megabytes do not hold.
SET LOCAL work_mem = '256MB'

-- name: counted
SELECT n.case_id, n.seq FROM counted_case n
WHERE n.case_id > %(after)s ORDER BY n.case_id LIMIT %(limit)s

-- name: wrong_sums
-- Sums that are not those of the facts: where, what is there, what should be.
WITH right_ones AS (
    SELECT k.by, k.area, t.tally, f.day, k.subject, count(*) AS n
    FROM tally_fact f, unnest(f.tallies) AS t (tally), {keys}
    WHERE f.until_at IS NULL AND f.from_at <= %(until)s AND k.subject IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
)
SELECT concat_ws(' ', by, area, subject, tally, day), coalesce(r.n, 0), coalesce(w.n, 0)
FROM rolled_tally r FULL JOIN right_ones w USING (by, area, tally, day, subject)
WHERE coalesce(r.n, 0) <> coalesce(w.n, 0)
ORDER BY 1

-- name: wrong_states
WITH right_ones AS (
    SELECT l.level, c.day, left(c.area_code, l.level) AS area, c.state, count(*) AS n
    FROM counted_case c, (VALUES (9), (12)) AS l (level) GROUP BY 1, 2, 3, 4
)
SELECT concat_ws(' ', area, state, day), coalesce(r.n, 0), coalesce(w.n, 0)
FROM rolled_state r FULL JOIN right_ones w USING (level, day, area, state)
WHERE coalesce(r.n, 0) <> coalesce(w.n, 0)
ORDER BY 1

-- name: wrong_cases
-- Cases that stand otherwise than what was kept of them, as far as all their events were counted.
SELECT c.number, concat_ws(' ', n.area_code, n.state, o.state, o.due_at, o.unit_id),
       concat_ws(' ', c.area_code, c.state, CASE WHEN c.state = ANY(%(open)s) THEN c.state END,
                 c.due_at, CASE WHEN c.state = ANY(%(open)s) THEN c.lead_unit_id END)
FROM "case" c
JOIN counted_case n ON n.case_id = c.id
LEFT JOIN open_case o ON o.case_id = c.id
WHERE n.seq = c.last_seq
  AND (n.area_code, n.state, o.state, o.area_code, o.holder_code, o.due_at, o.yellow_at, o.unit_id)
      IS DISTINCT FROM
      (c.area_code, c.state, CASE WHEN c.state = ANY(%(open)s) THEN c.state END,
       CASE WHEN c.state = ANY(%(open)s) THEN c.area_code END,
       CASE WHEN c.state = ANY(%(open)s) THEN c.holder_code END, c.due_at, c.yellow_at,
       CASE WHEN c.state = ANY(%(open)s) THEN c.lead_unit_id END)
ORDER BY 1

-- name: lost
-- Kept of cases that are not there, and cases of which nothing is kept.
SELECT coalesce(n.case_id, c.id), n.case_id IS NOT NULL
FROM counted_case n FULL JOIN "case" c ON c.id = n.case_id
WHERE n.case_id IS NULL OR c.id IS NULL
ORDER BY 1

-- name: close
-- The sums of a period as they were at a moment; what was left out of the figures by then is in none.
INSERT INTO closed_figure (period_id, by, area, tally, subject, n)
SELECT %(period)s::uuid, k.by, k.area, t.tally, k.subject, count(*)
FROM tally_fact f, unnest(f.tallies) AS t (tally), {keys}
WHERE left(f.area_code, 12) = ANY(%(places)s) AND left(f.area_code, 6) = %(district)s
  AND f.day BETWEEN %(first)s AND %(last)s
  AND f.from_at <= %(at)s AND (f.until_at IS NULL OR f.until_at > %(at)s) AND k.subject IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM left_out l
      WHERE l.case_id = f.case_id AND l.seq IN (0, f.seq) AND (l.unit_id IS NULL OR l.unit_id = f.unit_id)
        AND t.tally = ANY(l.tallies) AND l.since <= %(at)s AND (l.until IS NULL OR l.until > %(at)s)
  )
GROUP BY 2, 3, 4, 5

-- name: days
-- Of each day of a span in an area: what was received, and the closings that count now. A case that
-- was left out of the figures has its closings looked up among the facts; there are few.
WITH received AS (
    SELECT day, sum(n) AS n FROM rolled_state
    WHERE level = %(level)s AND day BETWEEN %(first)s AND %(last)s
      AND left(area, length(%(area)s)) = %(area)s
    GROUP BY day
),
closings AS (
    SELECT day, sum(n) AS n FROM rolled_tally
    WHERE by = %(by)s AND area = %(above)s AND subject = %(area)s AND tally = 'closings'
      AND day BETWEEN %(first)s AND %(last)s
    GROUP BY day
),
out AS (
    SELECT f.day, count(*) AS n FROM tally_fact f
    WHERE f.case_id IN (
              SELECT l.case_id FROM left_out l
              WHERE l.district_code = left(%(area)s, 6) AND 'closings' = ANY(l.tallies)
                AND l.since <= clock_timestamp() AND (l.until IS NULL OR l.until > clock_timestamp()))
      AND left(f.area_code, length(%(area)s)) = %(area)s AND f.day BETWEEN %(first)s AND %(last)s
      AND 'closings' = ANY(f.tallies) AND f.from_at <= clock_timestamp() AND f.until_at IS NULL
      AND EXISTS (
          SELECT FROM left_out l
          WHERE l.case_id = f.case_id AND l.seq IN (0, f.seq) AND (l.unit_id IS NULL OR l.unit_id = f.unit_id)
            AND 'closings' = ANY(l.tallies) AND l.since <= clock_timestamp()
            AND (l.until IS NULL OR l.until > clock_timestamp()))
    GROUP BY f.day
)
SELECT d::date, coalesce(r.n, 0)::int, (coalesce(c.n, 0) - coalesce(o.n, 0))::int
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d
LEFT JOIN received r ON r.day = d::date
LEFT JOIN closings c ON c.day = d::date
LEFT JOIN out o ON o.day = d::date
ORDER BY d
