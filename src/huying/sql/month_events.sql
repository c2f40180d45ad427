-- The events that were written within a month, case by case, in the order of their chains: of one
-- partition, by its primary key.
SELECT case_id, seq, verb, at, written_at, actor_kind, actor_id, post_id, role,
       from_state, to_state, data, district_code, prev, hash
FROM case_event
WHERE written_at >= %(first)s AND written_at < %(next)s
ORDER BY case_id, seq, written_at
