"""The tables of configuration and alerts, created together with those of :mod:`redlab_dps.schema`."""

# The configuration of every new instance. Afterwards people maintain it, with twin instances in both.
CONFIGURATION = """
    DO $$ BEGIN
        IF to_regclass('configuration') IS NULL THEN
            CREATE TABLE configuration (
                kind text, name text, content jsonb NOT NULL, changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                PRIMARY KEY (kind, name)
            );
            INSERT INTO configuration (kind, name, content) VALUES
                ('alert', 'host down', '{"field": "availability", "equals": 0, "severity": "critical"}'),
                ('alert', 'slow answer', '{"field": "response_seconds", "above": 3, "severity": "minor"}'),
                ('downtime', 'installation', '{"from": "2016-02-01T02:00:00Z", "to": "2016-02-01T04:00:00Z"}'),
                ('saved_report', 'availability', '{"period": "month", "kpi": "availability", "group_by": "service"}'),
                ('kpi', 'availability', '{"formula": "up / (up + down)", "unit": "percent"}'),
                ('kpi', 'performance', '{"formula": "p95(response_seconds)", "unit": "seconds"}'),
                ('health_indicator', 'host', '{"critical": "availability = 0", "ok": "availability = 1"}'),
                ('sla', 'gold', '{"availability_percent": 99.9, "calendar": "24x7"}'),
                ('rtsm_package', 'base', '{"version": "1.0"}'),
                ('content_package', 'base', '{"version": "1.0"}'),
                ('collector_integration', 'all', '{"collector": "*", "sends": ["events"]}');
        END IF;
    END $$;
"""

ALERTS = """
    CREATE TABLE IF NOT EXISTS alerts_fired (
        collector text, seq bigint, alert text, dps text NOT NULL, fired_at timestamptz NOT NULL,
        PRIMARY KEY (collector, seq, alert)
    );
    CREATE INDEX IF NOT EXISTS alerts_fired_fired_at ON alerts_fired (fired_at);
"""

# These columns are added to tables that may exist and be in use: ALTER TABLE would wait for all users each time.
SHARED_ALERTS = """
    DO $$ BEGIN
        IF NOT EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = 'shared_events'::regclass AND attname = 'incident_by'
        ) THEN
            ALTER TABLE sightings ADD COLUMN alerts jsonb;
            ALTER TABLE shared_events
                ADD COLUMN alerts jsonb NOT NULL DEFAULT '{}', ADD COLUMN incident_by text;
        END IF;
    END $$;
"""
