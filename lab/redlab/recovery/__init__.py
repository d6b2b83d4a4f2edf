"""The recovery procedures of each pattern, their runbooks, rehearsal and readiness."""
