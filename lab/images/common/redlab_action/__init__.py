"""Service Manager and Operations Orchestration: both perform an action once for each event. Their common code."""
