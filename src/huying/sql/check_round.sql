-- One round of checking a case, which is over.
INSERT INTO check_round (id, case_id, district_code, starts_at, ended_at, passed)
VALUES (%(id)s, %(case)s, %(district)s, %(starts_at)s, %(ended_at)s, %(passed)s)
RETURNING id
