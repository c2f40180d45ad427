-- Every event, case by case, in the order of its chain. The partitions' primary keys begin with
-- (case_id, seq), so this is a merge of index scans or one sort, never a nested loop.
SELECT case_id, seq, verb, at, written_at, actor_kind, actor_id, post_id, role,
       from_state, to_state, data, district_code, prev, hash
FROM case_event
WHERE %(case_id)s::uuid IS NULL OR case_id = %(case_id)s::uuid
ORDER BY case_id, seq, written_at
