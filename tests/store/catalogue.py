"""What a live database says of itself, as plain rows that two databases can be compared by."""

import re

from sqlalchemy import Connection, text

POSTGRES = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'v', 'm')
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, increment_by FROM pg_sequences
        WHERE schemaname = 'public'""",
}
SQLITE = "SELECT type, tbl_name, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"

Catalogue = dict[str, list[tuple[object, ...]]]


def catalogue(connection: Connection) -> Catalogue:
    """Columns, types, nullability, defaults, constraints with their text, indexes, triggers and functions."""
    if connection.dialect.name == "sqlite":
        rows = (tuple(row) for row in connection.execute(text(SQLITE)))
        return {"sqlite_master": sorted((*row[:3], _normal(str(row[3]))) for row in rows)}
    return {what: _rows(connection, query) for what, query in POSTGRES.items()}


def _rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in connection.exec_driver_sql(query)), key=repr)


def _normal(sql: str) -> tuple[str, ...]:
    """A statement without its spacing; a table's clauses in one order, since SQLite keeps them as written."""
    flat = re.sub(r"\s+", " ", sql).replace("( ", "(").replace(" )", ")").replace('"', "")
    if not flat.startswith("CREATE TABLE"):
        return (flat,)
    start, _, body = flat.rstrip().removesuffix(")").partition("(")
    clauses, depth = [""], 0
    for letter in body:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            clauses.append("")
        else:
            clauses[-1] += letter
    return (start, *sorted(clause.strip() for clause in clauses))


def without(found: Catalogue, table: str) -> Catalogue:
    """The same without one table."""
    return {what: [row for row in rows if table not in row[:2]] for what, rows in found.items()}
