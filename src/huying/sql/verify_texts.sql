-- Every row of text with its salt, case by case.
SELECT case_id, id, kind, body, salt, digest
FROM case_text
WHERE %(case_id)s::uuid IS NULL OR case_id = %(case_id)s::uuid
ORDER BY case_id, id
