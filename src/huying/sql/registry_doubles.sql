-- Pairs of people who may be one: of one name, and of one phone, or of one community, year of birth
-- and sex. Nobody is told twice of a pair that somebody found to be two.
SELECT a.id, b.id, coalesce(a.phone_index = b.phone_index, false)
FROM register_person AS a
JOIN register_person AS b ON b.name_index = a.name_index AND b.id > a.id
WHERE a.valid_until IS NULL AND b.valid_until IS NULL
  AND a.area_code LIKE %(area)s AND b.area_code LIKE %(area)s
  AND (a.phone_index = b.phone_index
       OR (a.birth_year = b.birth_year AND a.sex = b.sex
           AND left(a.area_code, 12) = left(b.area_code, 12)
           AND (a.id_number_index IS NULL OR b.id_number_index IS NULL)))
  AND NOT EXISTS (SELECT FROM register_apart AS x
                  WHERE x.register = 'person' AND x.one = a.id AND x.other = b.id)
LIMIT %(most)s;

-- Units of one name in one community, not both with a code of their own; facilities of one kind and
-- name within some ten metres.
SELECT a.id, b.id, false
FROM register_enterprise AS a
JOIN register_enterprise AS b ON b.name = a.name AND b.id > a.id
WHERE a.valid_until IS NULL AND b.valid_until IS NULL
  AND a.area_code LIKE %(area)s AND left(a.area_code, 12) = left(b.area_code, 12)
  AND (a.credit_code IS NULL OR b.credit_code IS NULL)
  AND NOT EXISTS (SELECT FROM register_apart AS x
                  WHERE x.register = 'enterprise' AND x.one = a.id AND x.other = b.id)
LIMIT %(most)s;

SELECT a.id, b.id, false
FROM register_facility AS a
JOIN register_facility AS b ON b.kind = a.kind AND b.id > a.id
    AND b.lon BETWEEN a.lon - 0.0001 AND a.lon + 0.0001
    AND b.lat BETWEEN a.lat - 0.0001 AND a.lat + 0.0001
WHERE a.valid_until IS NULL AND b.valid_until IS NULL AND a.area_code LIKE %(area)s
  AND NOT EXISTS (SELECT FROM register_apart AS x
                  WHERE x.register = 'facility' AND x.one = a.id AND x.other = b.id)
LIMIT %(most)s
