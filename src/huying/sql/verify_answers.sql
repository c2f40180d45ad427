-- All answers to items' questions, as they are stored, case by case.
SELECT case_id, id, form_id, body, masked, sealed, salt, digest, resealed
FROM case_answers
WHERE %(case_id)s::uuid IS NULL OR case_id = %(case_id)s::uuid
ORDER BY case_id, id
