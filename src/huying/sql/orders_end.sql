-- Ends the open orders of a case.
UPDATE dispatch_order SET ended_at = %(now)s
WHERE case_id = %(case)s AND ended_at IS NULL
RETURNING id
