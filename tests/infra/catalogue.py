"""All that a database's catalogue says of what was made in it, told by names: two can be compared.

Left out are numbers that follow from the order of making (oids, the places of columns), sizes, and
what extensions brought.
"""

from __future__ import annotations

from typing import Any

import psycopg

OURS = "NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = {}.oid AND d.deptype = 'e')"

QUERIES = {
    "tables": """
        SELECT c.relname, c.relkind::text, c.relpersistence::text, c.reloptions::text[],
               c.relrowsecurity, c.relforcerowsecurity, c.relreplident::text, a.amname,
               pg_get_userbyid(c.relowner)::text, c.reltablespace = 0,
               pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
               ARRAY(SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid),
               ARRAY(SELECT x::text FROM unnest(c.relacl) AS x ORDER BY 1),
               toast.reloptions::text[],
               CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
        FROM pg_class AS c LEFT JOIN pg_am AS a ON a.oid = c.relam
            LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('i', 'I')
          AND {ours_c}""",
    "columns": """
        SELECT c.relname, t.attname, format_type(t.atttypid, t.atttypmod), t.attnotnull,
               pg_get_expr(v.adbin, v.adrelid), t.attgenerated::text, t.attidentity::text,
               t.attcollation::regcollation::text, t.attstorage::text, t.attcompression::text,
               coalesce(t.attstattarget, -1), t.attoptions::text[], t.attislocal,
               t.attinhcount::int,
               ARRAY(SELECT x::text FROM unnest(t.attacl) AS x ORDER BY 1)
        FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid
            LEFT JOIN pg_attrdef AS v ON v.adrelid = t.attrelid AND v.adnum = t.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('i', 'I')
          AND t.attnum > 0 AND NOT t.attisdropped AND {ours_c}""",
    "constraints": """
        SELECT coalesce(r.relname, n.contypid::regtype::text), n.conname, n.contype::text,
               pg_get_constraintdef(n.oid), n.condeferrable, n.condeferred, n.convalidated,
               n.conislocal, n.coninhcount::int, n.connoinherit, i.relname,
               ARRAY(SELECT a.attname::text FROM unnest(n.conkey) WITH ORDINALITY AS k (num, nth)
                     JOIN pg_attribute AS a ON a.attrelid = n.conrelid AND a.attnum = k.num
                     ORDER BY CASE WHEN n.contype = 'c' THEN NULL ELSE nth END, a.attname)
        FROM pg_constraint AS n LEFT JOIN pg_class AS r ON r.oid = n.conrelid
            LEFT JOIN pg_class AS i ON i.oid = n.conindid
        WHERE n.connamespace = 'public'::regnamespace AND {ours_n}""",
    "indexes": """
        SELECT r.relname, i.relname, pg_get_indexdef(i.oid), i.reloptions::text[],
               x.indisunique, x.indisprimary, x.indisexclusion, x.indimmediate, x.indisvalid,
               x.indisready, x.indislive, x.indisclustered, x.indisreplident,
               pg_get_userbyid(i.relowner)::text,
               ARRAY(SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = i.oid)
        FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
            JOIN pg_class AS r ON r.oid = x.indrelid
        WHERE i.relnamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT r.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text
        FROM pg_trigger AS t JOIN pg_class AS r ON r.oid = t.tgrelid
        WHERE r.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
        UNION ALL SELECT '', evtname, evtevent || ' ' || evtfoid::regproc, evtenabled::text
        FROM pg_event_trigger""",
    "functions": """
        SELECT p.oid::regprocedure::text, p.prokind::text,
               CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END,
               pg_get_userbyid(p.proowner)::text,
               ARRAY(SELECT x::text FROM unnest(p.proacl) AS x ORDER BY 1)
        FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace AND {ours_p}""",
    "types": """
        SELECT t.typname, t.typtype::text, t.typnotnull, t.typdefault,
               format_type(t.typbasetype, t.typtypmod),
               ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid
                     ORDER BY enumsortorder),
               pg_get_userbyid(t.typowner)::text,
               ARRAY(SELECT x::text FROM unnest(t.typacl) AS x ORDER BY 1)
        FROM pg_type AS t WHERE t.typnamespace = 'public'::regnamespace AND {ours_t}""",
    "sequences": """
        SELECT c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax,
               s.seqmin, s.seqcache, s.seqcycle, pg_get_userbyid(c.relowner)::text,
               ARRAY(SELECT o.deptype::text || ' ' || o.refobjid::regclass || '.' || a.attname
                     FROM pg_depend AS o JOIN pg_attribute AS a
                         ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
                     WHERE o.objid = c.oid AND o.classid = 'pg_class'::regclass)
        FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid""",
    "policies": """
        SELECT p.polrelid::regclass::text, p.polname, p.polcmd::text, p.polpermissive,
               p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid),
               pg_get_expr(p.polwithcheck, p.polrelid) FROM pg_policy AS p""",
    "rules and statistics": """
        SELECT tablename, rulename, definition FROM pg_rules WHERE schemaname = 'public'
        UNION ALL SELECT stxrelid::regclass::text, stxname, pg_get_statisticsobjdef(oid)
        FROM pg_statistic_ext""",
    "comments": """
        SELECT o.type, o.identity, d.description FROM pg_description AS d,
            pg_identify_object(d.classoid, d.objoid, d.objsubid) AS o
        WHERE o.schema = 'public' OR o.identity LIKE '%public.%' OR o.type = 'schema'""",
    "schemas and defaults": """
        SELECT nspname, pg_get_userbyid(nspowner)::text, 'schema',
               ARRAY(SELECT x::text FROM unnest(nspacl) AS x ORDER BY 1)
        FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'
        UNION ALL SELECT coalesce(defaclnamespace::regnamespace::text, ''),
               pg_get_userbyid(defaclrole)::text, defaclobjtype::text,
               ARRAY(SELECT x::text FROM unnest(defaclacl) AS x ORDER BY 1)
        FROM pg_default_acl""",
    "extensions": "SELECT extname, extversion, extnamespace::regnamespace::text FROM pg_extension",
    "publications": "SELECT pubname, puballtables FROM pg_publication",
}


def catalogue(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Each kind of object with a line for each object."""
    found = {}
    for kind, query in QUERIES.items():
        text = query.format(**{f"ours_{letter}": OURS.format(letter) for letter in "cnpt"})
        found[kind] = sorted(map(repr, connection.execute(text).fetchall()))
    return found


def rows(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Each table's rows, whatever the order of its columns, and where each sequence is."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'S')"
    ).fetchall()
    return {
        table: sorted(
            str(sorted(row.items()))
            for (row,) in connection.execute(
                psycopg.sql.SQL(
                    "SELECT to_jsonb(r) - 'log_cnt' FROM (SELECT * FROM {}) AS r"
                ).format(psycopg.sql.Identifier(table))
            ).fetchall()
        )
        for (table,) in tables
    }
