-- Lets the grid of what has no position of its own follow what it lies in. %(ids)s are addresses
-- whose place changed, or NULL for the whole district %(district)s. Only what moved is written.
-- What hangs on an address that has ended stays where it was.

-- addresses, a level at a time: each takes over its parent's
UPDATE register_address AS a SET area_code = above.area_code
FROM register_address AS above
WHERE a.parent_id = above.id AND a.lon IS NULL AND a.level = %(level)s
  AND a.district_code = %(district)s AND a.area_code <> above.area_code
  AND (%(ids)s::uuid[] IS NULL OR a.id = ANY (%(ids)s::uuid[]));

-- records
UPDATE register_dwelling AS r SET area_code = a.area_code
FROM register_address AS a
WHERE r.address_id = a.id AND r.district_code = %(district)s AND r.area_code <> a.area_code
  AND (%(ids)s::uuid[] IS NULL OR a.id = ANY (%(ids)s::uuid[]));

UPDATE register_household AS r SET area_code = d.area_code
FROM register_dwelling AS d
WHERE r.dwelling_id = d.id AND r.district_code = %(district)s AND r.area_code <> d.area_code
  AND (%(ids)s::uuid[] IS NULL OR d.address_id = ANY (%(ids)s::uuid[]));

UPDATE register_person AS r SET area_code = d.area_code
FROM register_dwelling AS d
WHERE r.dwelling_id = d.id AND r.district_code = %(district)s AND r.area_code <> d.area_code
  AND (%(ids)s::uuid[] IS NULL OR d.address_id = ANY (%(ids)s::uuid[]));

UPDATE register_enterprise AS r SET area_code = a.area_code
FROM register_address AS a
WHERE r.address_id = a.id AND r.district_code = %(district)s AND r.area_code <> a.area_code
  AND (%(ids)s::uuid[] IS NULL OR a.id = ANY (%(ids)s::uuid[]));

UPDATE register_facility AS r SET area_code = a.area_code
FROM register_address AS a
WHERE r.address_id = a.id AND r.lon IS NULL AND r.district_code = %(district)s
  AND r.area_code <> a.area_code
  AND (%(ids)s::uuid[] IS NULL OR a.id = ANY (%(ids)s::uuid[]))
