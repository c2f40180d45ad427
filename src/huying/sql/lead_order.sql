-- Notes on the lead unit's open order of a case when it signed for it, arrived, or handled it.
UPDATE dispatch_order SET {moment} = %(now)s
WHERE case_id = %(case)s AND part = 'lead' AND ended_at IS NULL
RETURNING id
