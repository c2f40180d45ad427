-- What was answered under an idempotency key, in the transaction that took it.
UPDATE idempotency_key SET answer = %(answer)s::jsonb, case_id = %(case)s::uuid
WHERE id = %(id)s
RETURNING id
