-- Lets targets and entries without a position of their own follow the grid of their address.
-- Only what moved is written.

UPDATE survey_target AS t SET area_code = a.area_code
FROM register_address AS a
WHERE t.address_id = a.id AND t.lon IS NULL AND t.district_code = a.district_code AND t.area_code <> a.area_code;

UPDATE survey_entry AS e SET area_code = a.area_code
FROM register_address AS a
WHERE e.address_id = a.id AND e.lon IS NULL AND e.district_code = a.district_code AND e.area_code <> a.area_code
