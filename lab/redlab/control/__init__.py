"""Commands to the parts of a running lab: load balancers, router, databases, services."""
