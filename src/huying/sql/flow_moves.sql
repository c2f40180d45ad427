-- How the cases moved that were received in a span of an area: the beginning of the two questions
-- of assessment/flow_reading.py. Moves between states and between desks, each once; what was undone
-- and the undoing are in none. The moment of writing cannot lie before the receipt (a day is left
-- for clocks that differ): of the log's months only those from there on are looked at.
WITH told AS MATERIALIZED (
    SELECT e.case_id, e.seq, e.at, e.verb, coalesce(e.from_state, '') AS source, e.to_state AS target,
           CASE WHEN e.verb = 'undo' THEN (e.data ->> 'undoes')::int END AS undoes
    FROM "case" c
    JOIN case_event e ON e.case_id = c.id
    WHERE c.district_code = %(district)s
      AND c.area_code LIKE %(area)s
      AND c.received_at >= %(since)s
      AND c.received_at < %(until)s
      AND (%(item)s = '' OR c.item_code = %(item)s)
      AND e.written_at >= %(since)s - interval '1 day'
      AND (e.from_state IS DISTINCT FROM e.to_state OR e.verb = ANY(%(between_desks)s))
),
undone AS (
    SELECT case_id, undoes AS seq FROM told WHERE undoes IS NOT NULL
),
steps AS (
    -- How long it took: since the move before, of whatever kind; the report took nothing.
    SELECT t.case_id, t.seq, t.at, t.verb, t.source, t.target,
           greatest(t.at - lag(t.at) OVER (PARTITION BY t.case_id ORDER BY t.seq), interval '0') AS took
    FROM told t LEFT JOIN undone u ON u.case_id = t.case_id AND u.seq = t.seq
    WHERE t.undoes IS NULL AND u.seq IS NULL
)
