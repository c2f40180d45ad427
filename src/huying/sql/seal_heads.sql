-- The heads of all cases, for a seal. One statement sees one moment: whatever commits while it
-- is read belongs to the next seal.
SELECT id, last_seq, last_hash
FROM "case"
ORDER BY id
