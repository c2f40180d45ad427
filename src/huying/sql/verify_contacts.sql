-- Every contact, as it is stored: encrypted, case by case.
SELECT case_id, id, name_enc, phone_enc, phone_index, salt, digest, resealed
FROM case_contact
WHERE %(case_id)s::uuid IS NULL OR case_id = %(case_id)s::uuid
ORDER BY case_id, id
