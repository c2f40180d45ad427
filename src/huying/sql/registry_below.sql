-- An address and all that lies below it in the tree.
WITH RECURSIVE below AS (
    SELECT id FROM register_address WHERE id = %(top)s
    UNION ALL
    SELECT child.id FROM register_address AS child JOIN below ON child.parent_id = below.id
)
SELECT id FROM below
