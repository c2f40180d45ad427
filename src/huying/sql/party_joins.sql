-- A unit or an account takes part in a case, unless it does already.
INSERT INTO case_party (id, case_id, district_code, part, unit_id, account_id, since_seq)
VALUES (%(id)s, %(case)s, %(district)s, %(part)s, %(unit)s::bigint, %(account)s::bigint, %(since)s)
ON CONFLICT DO NOTHING
RETURNING id
