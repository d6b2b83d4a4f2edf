"""The whole set-up: independent parts run side by side, and every problem is reported."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from toolchain import (
    base_image,
    browser,
    docker_engine,
    environment,
    image_wheels,
    provider_plugin,
    pulumi_cli,
    python_environment,
)
from toolchain.context import Context, Ready
from toolchain.errors import SetupError

Step = tuple[str, Callable[[Context], Ready]]
Problem = tuple[str, SetupError]

# Within a chain each part needs the one before it.
CHAINS: tuple[tuple[Step, ...], ...] = (
    ((python_environment.NOUN, python_environment.ensure), (image_wheels.NOUN, image_wheels.ensure)),
    ((docker_engine.NOUN, docker_engine.ensure), (base_image.NOUN, base_image.ensure)),
    ((pulumi_cli.NOUN, pulumi_cli.ensure), (provider_plugin.NOUN, provider_plugin.ensure)),
)


def everything(context: Context) -> list[Problem]:
    """Install all parts of a lab and write its environment; return the problems, an empty list if all is ready."""
    parts, problems = run(context, CHAINS)
    if not problems:
        environment.write(context.layout, parts)
    return problems


def python_packages(context: Context) -> list[Problem]:
    """Install only the Python packages: enough for commands without Docker and Pulumi."""
    return run(context, (CHAINS[0][:1],))[1]


def browser_of_tests(context: Context) -> list[Problem]:
    """Install the browser of the tests; no lab needs it."""
    return run(context, (((browser.NOUN, browser.ensure),),))[1]


def run(context: Context, chains: Sequence[Sequence[Step]]) -> tuple[list[Ready], list[Problem]]:
    """Run chains side by side; a problem ends only its own chain."""
    with ThreadPoolExecutor(max_workers=len(chains)) as pool:
        futures = [pool.submit(_run_chain, context, chain) for chain in chains]
        try:
            results = [future.result() for future in futures]
        except BaseException:
            context.progress.stop()
            raise
    return [part for parts, _ in results for part in parts], [problem for _, problem in results if problem is not None]


def _run_chain(context: Context, chain: Sequence[Step]) -> tuple[list[Ready], Problem | None]:
    parts: list[Ready] = []
    for noun, ensure in chain:
        try:
            part = ensure(context)
        except SetupError as error:
            return parts, (noun, error)
        context.progress.say(noun, part.detail)
        parts.append(part)
    return parts, None
