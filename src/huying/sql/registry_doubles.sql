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
LIMIT %(most)s;

-- Addresses: a room written in two ways below one address; buildings of one number within some
-- thirty metres; a street or building that is called like another one of its community.
SELECT p.a, p.b, p.called FROM (
    SELECT a.id AS a, b.id AS b, false AS called
    FROM register_address AS a
    JOIN register_address AS b ON b.parent_id = a.parent_id AND b.level = a.level AND b.id > a.id
        AND regexp_replace(b.name, '(号房|房|室)$', '') = regexp_replace(a.name, '(号房|房|室)$', '')
    WHERE a.level = 9 AND a.valid_until IS NULL AND b.valid_until IS NULL
      AND a.area_code LIKE %(area)s AND b.area_code LIKE %(area)s
    UNION ALL
    SELECT a.id, b.id, false
    FROM register_address AS a
    JOIN register_address AS b ON b.community_code = a.community_code AND b.level = a.level
        AND b.name = a.name AND b.id > a.id
        AND b.lon BETWEEN a.lon - 0.0003 AND a.lon + 0.0003
        AND b.lat BETWEEN a.lat - 0.0003 AND a.lat + 0.0003
    WHERE a.level IN (5, 6) AND a.valid_until IS NULL AND b.valid_until IS NULL
      AND a.area_code LIKE %(area)s AND b.area_code LIKE %(area)s
    UNION
    SELECT least(a.id, b.id), greatest(a.id, b.id), true
    FROM register_alias AS n
    JOIN register_address AS a ON a.id = n.address_id
    JOIN register_address AS b ON b.community_code = a.community_code AND b.level = a.level
        AND b.full_name = n.name AND b.id <> a.id
    WHERE b.level IN (5, 6) AND a.valid_until IS NULL AND b.valid_until IS NULL
      AND a.area_code LIKE %(area)s AND b.area_code LIKE %(area)s
    UNION
    SELECT least(a.id, b.id), greatest(a.id, b.id), true
    FROM register_alias AS n
    JOIN register_address AS a ON a.id = n.address_id
    JOIN register_address AS b ON b.community_code = a.community_code AND b.name = n.name
        AND b.parent_id IS NULL AND b.id <> a.id
    WHERE a.parent_id IS NULL AND a.valid_until IS NULL AND b.valid_until IS NULL
      AND a.area_code LIKE %(area)s AND b.area_code LIKE %(area)s
) AS p
WHERE NOT EXISTS (SELECT FROM register_apart AS x
                  WHERE x.register = 'address' AND x.one = p.a AND x.other = p.b)
LIMIT %(most)s
