-- Fills the bench database for the dashboards; statements by their names. What differs between the
-- grids is put in here: where it lies, who holds it, which unit, whose hands (-1 to -4).

-- name: tables
CREATE UNLOGGED TABLE bench_case (
    hour int, received_at timestamptz, state text, item_code text, item_version_id bigint, kind text,
    accepted_at timestamptz, dispatched_at timestamptz, ended_at timestamptz, due_at timestamptz, seq int,
    unit boolean
);
CREATE UNLOGGED TABLE bench_event (
    hour int, seq int, at timestamptz, verb text, who bigint, role text, from_state text, to_state text,
    data jsonb, unit boolean
);
CREATE UNLOGGED TABLE bench_fact (
    hour int, number int, seq int, tallies text[], day date, due timestamptz, from_at timestamptz,
    until_at timestamptz, item_code text, channel text, kind text, unit boolean, who bigint, reporter boolean
)

-- name: places
-- The grids of each hour, another share of the towns each time.
CREATE UNLOGGED TABLE bench_place AS
WITH g AS (SELECT code, row_number() OVER (ORDER BY code) - 1 AS number, count(*) OVER () AS many FROM grid),
u AS (SELECT left(area_code, 9) AS town, min(id) AS unit FROM unit WHERE kind = 'department'
      AND length(area_code) = 9 GROUP BY 1)
SELECT c.hour, p.place, g.code AS grid, left(g.code, 9) AS town, u.unit,
       1000000 + g.number AS worker, 2000000 + substr(g.code, 7, 3)::int AS desk,
       3000000 + substr(g.code, 7, 3)::int AS handler, 4000000 + substr(g.code, 7, 3)::int AS checker
FROM bench_case c, generate_series(0, %(grids)s - 1) AS p (place)
JOIN g ON true JOIN u ON u.town = left(g.code, 9)
WHERE g.number = (c.hour::bigint * 7919 + p.place * 173) %% g.many;
CREATE INDEX ON bench_place (hour);
CREATE INDEX ON bench_event (hour);
CREATE INDEX ON bench_event (at);
CREATE INDEX ON bench_fact (hour);
ANALYZE bench_place, bench_case, bench_event, bench_fact

-- name: indexes
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('case', 'tally_fact') AND indexname NOT IN (
    SELECT conname FROM pg_constraint WHERE conrelid IN ('"case"'::regclass, 'tally_fact'::regclass)
)

-- name: cases
INSERT INTO "case" (
    id, district_code, number, state, channel, kind, level, item_code, item_version_id, holder_code,
    area_code, grid_code, received_at, accepted_at, dispatched_at, desk_since, due_at, ended_at,
    lead_unit_id, last_seq, last_hash, changed_at
)
SELECT ('00000000-' || lpad(to_hex(c.hour), 4, '0') || '-7000-8000-' || lpad(to_hex(p.place * 65536 + n), 12, '0'))::uuid,
       '440113', p.town || to_char(c.received_at, 'YYYYMMDD')
           || lpad((((c.hour::bigint * 64 + p.place) * 64 + n) %% 100000000)::text, 8, '0'),
       c.state, 'patrol', c.kind, 'town', c.item_code, c.item_version_id, p.town, p.grid, p.grid,
       c.received_at, c.accepted_at, c.dispatched_at, c.received_at, c.due_at, c.ended_at,
       CASE WHEN c.unit THEN p.unit END, c.seq, decode(repeat('5a', 32), 'hex'), coalesce(c.ended_at, c.received_at)
FROM bench_case c JOIN bench_place p USING (hour), generate_series(0, %(alike)s - 1) AS n
WHERE c.hour >= %(low)s AND c.hour < %(high)s
ORDER BY 1

-- name: facts
INSERT INTO tally_fact (
    case_id, number, district_code, seq, tallies, day, due, from_at, until_at, area_code, holder_code,
    item_code, channel, kind, unit_id, account_id, reporter_id
)
SELECT ('00000000-' || lpad(to_hex(f.hour), 4, '0') || '-7000-8000-' || lpad(to_hex(p.place * 65536 + n), 12, '0'))::uuid,
       f.number, '440113', f.seq, f.tallies, f.day, f.due, f.from_at, f.until_at, p.grid, p.town,
       f.item_code, f.channel, f.kind, CASE WHEN f.unit THEN p.unit END,
       CASE f.who WHEN -1 THEN p.worker WHEN -2 THEN p.desk WHEN -3 THEN p.handler WHEN -4 THEN p.checker END,
       CASE WHEN f.reporter THEN p.worker END
FROM bench_fact f JOIN bench_place p USING (hour), generate_series(0, %(alike)s - 1) AS n
WHERE f.hour >= %(low)s AND f.hour < %(high)s
ORDER BY 1, 2

-- name: months
-- Months of the log that have no table of their own yet.
SELECT DISTINCT to_char(at AT TIME ZONE 'UTC', 'YYYY_MM') AS month FROM bench_event
WHERE to_regclass('case_event_' || to_char(at AT TIME ZONE 'UTC', 'YYYY_MM')) IS NULL ORDER BY 1

-- name: month
CREATE TABLE case_event_%(month)s (LIKE case_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO case_event_%(month)s (
    case_id, seq, written_at, at, district_code, verb, actor_kind, actor_id, role, from_state, to_state,
    data, prev, hash
)
SELECT ('00000000-' || lpad(to_hex(e.hour), 4, '0') || '-7000-8000-' || lpad(to_hex(p.place * 65536 + n), 12, '0'))::uuid,
       e.seq, e.at, e.at, '440113', e.verb, 'account',
       CASE e.who WHEN -1 THEN p.worker WHEN -2 THEN p.desk WHEN -3 THEN p.handler WHEN -4 THEN p.checker END,
       e.role, e.from_state, e.to_state,
       e.data || CASE WHEN e.verb = 'report' THEN jsonb_build_object('area', p.grid, 'holder', p.town)
                      WHEN e.unit THEN jsonb_build_object('unit', p.unit) ELSE '{}' END,
       decode(repeat('5a', 32), 'hex'), decode(repeat('5a', 32), 'hex')
FROM bench_event e JOIN bench_place p USING (hour), generate_series(0, %(alike)s - 1) AS n
WHERE e.at >= to_timestamp('%(month)s', 'YYYY_MM')::timestamp AT TIME ZONE 'UTC'
  AND e.at < (to_timestamp('%(month)s', 'YYYY_MM')::timestamp + interval '1 month') AT TIME ZONE 'UTC'
ORDER BY 1, 2;
DO $attach$
BEGIN
    EXECUTE format(
        'ALTER TABLE case_event ATTACH PARTITION case_event_%(month)s FOR VALUES FROM (%%L) TO (%%L)',
        to_date('%(month)s', 'YYYY_MM')::timestamp AT TIME ZONE 'UTC',
        (to_date('%(month)s', 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC');
END
$attach$

-- name: rest
-- The months that had a table: the present one, and the last where a new one has begun since.
INSERT INTO case_event (
    case_id, seq, written_at, at, district_code, verb, actor_kind, actor_id, role, from_state, to_state,
    data, prev, hash
)
SELECT ('00000000-' || lpad(to_hex(e.hour), 4, '0') || '-7000-8000-' || lpad(to_hex(p.place * 65536 + n), 12, '0'))::uuid,
       e.seq, e.at, e.at, '440113', e.verb, 'account',
       CASE e.who WHEN -1 THEN p.worker WHEN -2 THEN p.desk WHEN -3 THEN p.handler WHEN -4 THEN p.checker END,
       e.role, e.from_state, e.to_state,
       e.data || CASE WHEN e.verb = 'report' THEN jsonb_build_object('area', p.grid, 'holder', p.town)
                      WHEN e.unit THEN jsonb_build_object('unit', p.unit) ELSE '{}' END,
       decode(repeat('5a', 32), 'hex'), decode(repeat('5a', 32), 'hex')
FROM bench_event e JOIN bench_place p USING (hour), generate_series(0, %(alike)s - 1) AS n
WHERE to_char(e.at AT TIME ZONE 'UTC', 'YYYY_MM') <> ALL ('{%(made)s}')
ORDER BY 1, 2

-- name: counted
INSERT INTO counted_case (case_id, district_code, seq, day, area_code, state)
SELECT id, district_code, last_seq, (received_at AT TIME ZONE 'Asia/Shanghai')::date, area_code, state FROM "case"
ORDER BY id;
INSERT INTO open_case (case_id, district_code, area_code, holder_code, unit_id, state, due_at, yellow_at, suspended)
SELECT id, district_code, area_code, holder_code, lead_unit_id, state, due_at, yellow_at, false
FROM "case" WHERE ended_at IS NULL ORDER BY id;
INSERT INTO rolled_state (level, day, area, state, n)
SELECT l.level, c.day, left(c.area_code, l.level), c.state, count(*)
FROM counted_case c, (VALUES (9), (12)) AS l (level) GROUP BY 1, 2, 3, 4

-- name: sums
-- From the lives and where they lie: each fact as often as there are cases of its hour and grid.
INSERT INTO rolled_tally (by, area, tally, day, subject, n)
SELECT k.by, k.area, t.tally, f.day, k.subject, count(*) * %(alike)s
FROM (
    SELECT p.grid AS area_code, p.town AS holder_code, CASE WHEN f.unit THEN p.unit END AS unit_id,
           CASE f.who WHEN -1 THEN p.worker WHEN -2 THEN p.desk WHEN -3 THEN p.handler WHEN -4 THEN p.checker END
               AS account_id,
           CASE WHEN f.reporter THEN p.worker END AS reporter_id, f.item_code, f.channel, f.day, f.tallies
    FROM bench_fact f JOIN bench_place p USING (hour)
    WHERE f.until_at IS NULL AND f.from_at <= '%(now)s'
) AS f, unnest(f.tallies) AS t (tally), {keys}
WHERE k.subject IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5

-- name: cursor
DELETE FROM rolled_cursor;
INSERT INTO rolled_cursor (id, xid, system, ripe_until)
SELECT 1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, system_identifier::text, '%(now)s' FROM pg_control_system()
