"""Wait until a container is healthy: the engine's events end the wait, not a clock alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from redlab_provider.errors import ResourceError

if TYPE_CHECKING:
    from redlab_provider.operation import Operation

_SAFETY_LOOK_SECONDS: Final = 5.0
"""A waiting operation also looks this often without an event, in case the event stream broke unnoticed."""
_SHOWN_OUTPUT_CHARACTERS: Final = 500
_SHOWN_LOG_LINES: Final = 10


def wait_until_healthy(
    operation: Operation, resource_id: str, name: str, timeout_seconds: float, *, again: bool = False
) -> None:
    """Return when the container's health check passes.

    With `again`, a verdict from before the wait does not count: a container that is started again may be better now.
    Raises ResourceError with the last result of the check when the container turns unhealthy, exits for good, or is
    not healthy in time, and CancelledError when the update is cancelled.
    """
    deadline = time.monotonic() + timeout_seconds
    before = _last_check_ended(operation.engine.container(resource_id)) if again else ""
    with operation.events.watch(resource_id) as watch:
        while True:
            operation.cancellation.check()
            inspected = operation.engine.container(resource_id)
            if inspected is None:
                raise ResourceError(f'container "{name}" was removed while waiting for it to become healthy')
            health = (inspected["State"].get("Health") or {}).get("Status", "none")
            if health == "healthy":
                return
            if has_ended(inspected):
                raise ResourceError(describe_exit(operation, inspected, name))
            running = inspected["State"].get("Running") and not inspected["State"].get("Restarting")
            # A container that Docker restarts may still carry the verdict on its previous run.
            if health == "unhealthy" and running and _last_check_ended(inspected) != before:
                raise ResourceError(f'container "{name}" is unhealthy; {last_check(inspected)}')
            if health == "none" and running:
                raise ResourceError(f'container "{name}" has no health check, so `wait` cannot be fulfilled')
            rest = deadline - time.monotonic()
            if rest <= 0:
                detail = last_check(inspected)
                raise ResourceError(f'container "{name}" did not become healthy in {timeout_seconds:g} s; {detail}')
            watch.wait(min(rest, _SAFETY_LOOK_SECONDS))


def require_running(operation: Operation, resource_id: str, name: str) -> None:
    """Raise ResourceError with the exit code and the last log lines if the container has ended already."""
    inspected = operation.engine.container(resource_id)
    if inspected is not None and has_ended(inspected):
        raise ResourceError(describe_exit(operation, inspected, name))


def wait_until_ended(operation: Operation, resource_id: str, name: str) -> None:
    """Return when the container has ended for good, with any exit code.

    Raises ResourceError when the container is removed meanwhile, and CancelledError when the update is cancelled.
    """
    with operation.events.watch(resource_id) as watch:
        while True:
            operation.cancellation.check()
            inspected = operation.engine.container(resource_id)
            if inspected is None:
                raise ResourceError(f'container "{name}" was removed while waiting for its end')
            if has_ended(inspected):
                return
            watch.wait(_SAFETY_LOOK_SECONDS)


def has_ended(inspected: dict[str, Any]) -> bool:
    """Tell whether the container has stopped and Docker will not start it again."""
    state, policy = inspected["State"], inspected["HostConfig"]["RestartPolicy"].get("Name") or "no"
    if state.get("Running") or state.get("Restarting") or state.get("Status") == "created":
        return False
    return policy == "no" or (policy == "on-failure" and state.get("ExitCode") == 0)


def describe_exit(operation: Operation, inspected: dict[str, Any], name: str) -> str:
    """Describe a container's exit: the exit code or lack of memory, and its last log lines."""
    state = inspected["State"]
    reason = "was killed for lack of memory" if state.get("OOMKilled") else f"exited with code {state.get('ExitCode')}"
    if state.get("Error"):
        reason += f" ({state['Error']})"
    with operation.engine.call() as client:
        log = client.logs(inspected["Id"], tail=_SHOWN_LOG_LINES).decode(errors="replace").strip()
    return f'container "{name}" {reason}' + (f"; its last log lines:\n{log}" if log else "; its log is empty")


def _last_check_ended(inspected: dict[str, Any] | None) -> str:
    log = ((inspected or {}).get("State", {}).get("Health") or {}).get("Log") or [{}]
    return str(log[-1].get("End", "never"))


def last_check(inspected: dict[str, Any]) -> str:
    """Return the result of the last health check in words."""
    log = (inspected["State"].get("Health") or {}).get("Log") or []
    if not log:
        state = inspected["State"]
        return f"no health check has finished yet (it is {state.get('Status')}, last exit code {state.get('ExitCode')})"
    output = log[-1].get("Output", "").strip()[:_SHOWN_OUTPUT_CHARACTERS] or "no output"
    return f"the last health check ended with {log[-1].get('ExitCode')}: {output}"
