-- The order to the unit that leads a case.
INSERT INTO dispatch_order (
    id, case_id, district_code, unit_id, part, dispatched_at, suggested, return_reason
)
VALUES (%(id)s, %(case)s, %(district)s, %(unit)s, 'lead', %(now)s, %(suggested)s, '')
RETURNING id
