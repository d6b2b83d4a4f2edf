"""Who acts upon events, once upon each: what Service Manager and Operations Orchestration have in common."""
