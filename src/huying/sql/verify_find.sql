-- The case of a number.
SELECT id FROM "case" WHERE number = %(number)s
