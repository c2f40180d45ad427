-- What each case row says of its chain.
SELECT id, number, last_seq, last_hash
FROM "case"
WHERE %(case_id)s::uuid IS NULL OR id = %(case_id)s::uuid
ORDER BY id
