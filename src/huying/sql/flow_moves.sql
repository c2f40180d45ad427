-- How the cases moved that were received in a span of an area, each case's moves in their order.
-- What assessment/flowing.py makes a picture of: moves between states, moves between desks, and
-- what was undone. The moment of writing cannot lie before the receipt (a day is left for clocks
-- that differ): of the log's months only those from there on are looked at.
SELECT e.case_id, e.seq, e.at, e.verb, e.from_state, e.to_state, (e.data ->> 'undoes')::int
FROM "case" c
JOIN case_event e ON e.case_id = c.id
WHERE c.district_code = %(district)s
  AND c.area_code LIKE %(area)s
  AND c.received_at >= %(since)s
  AND c.received_at < %(until)s
  AND (%(item)s = '' OR c.item_code = %(item)s)
  AND e.written_at >= %(since)s - interval '1 day'
  AND (e.from_state IS DISTINCT FROM e.to_state OR e.verb = ANY(%(between_desks)s))
ORDER BY e.case_id, e.seq
