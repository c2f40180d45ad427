-- Ends the parts of whoever has them in a case.
UPDATE case_party SET until_seq = %(until)s
WHERE case_id = %(case)s AND part = ANY(%(parts)s) AND until_seq IS NULL
RETURNING id
