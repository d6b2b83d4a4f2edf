"""The RTSM: tables in an instance's database `rtsm`. The first writer, a UCMDB or a DPS, creates them."""

LOCK = 0x7274736D  # any number that every writer uses: "rtsm"

# The DPS write with `put_item`: items that the instance's own collectors discover or delete. Integrations write
# directly. One writer at a time, so that changes become visible in the order of their numbers.
ITEMS = f"""
    CREATE TABLE IF NOT EXISTS configuration_items (
        type text, name text, attributes jsonb, version bigint NOT NULL, origin text NOT NULL, global_id text,
        changed bigint NOT NULL UNIQUE, PRIMARY KEY (type, name)
    );
    CREATE SEQUENCE IF NOT EXISTS configuration_changes;
    CREATE OR REPLACE FUNCTION put_item(origin_ text, type_ text, name_ text, attributes_ jsonb) RETURNS bigint
    LANGUAGE plpgsql AS $$
    DECLARE written bigint;
    BEGIN
        PERFORM pg_advisory_xact_lock({LOCK});
        IF attributes_ IS NULL AND NOT EXISTS (SELECT FROM configuration_items WHERE type = type_ AND name = name_) THEN
            RETURN NULL;
        END IF;
        INSERT INTO configuration_items AS held
            VALUES (type_, name_, attributes_, 1, origin_, NULL, nextval('configuration_changes'))
        ON CONFLICT (type, name) DO UPDATE
            SET attributes = excluded.attributes, version = held.version + 1, origin = excluded.origin,
                changed = excluded.changed
            WHERE held.attributes IS DISTINCT FROM excluded.attributes
        RETURNING version INTO written;
        RETURN written;
    END $$;
"""  # noqa: S608 - a constant
