"""The whole set-up: independent parts side by side, every problem reported, not just the first."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from toolchain import base_image, docker_engine, environment, provider_plugin, pulumi_cli, python_environment
from toolchain.context import Context, Ready
from toolchain.errors import SetupError

Step = tuple[str, Callable[[Context], Ready]]

PYTHON_ONLY: tuple[tuple[Step, ...], ...] = (((python_environment.NOUN, python_environment.ensure),),)

# Within a chain each part needs the one before it.
CHAINS: tuple[tuple[Step, ...], ...] = (
    *PYTHON_ONLY,
    ((docker_engine.NOUN, docker_engine.ensure), (base_image.NOUN, base_image.ensure)),
    ((pulumi_cli.NOUN, pulumi_cli.ensure), (provider_plugin.NOUN, provider_plugin.ensure)),
)


def run(context: Context, chains: Sequence[Sequence[Step]]) -> list[tuple[str, SetupError]]:
    """Run chains side by side; gives the problems by part, none if all is ready.

    The environment is written when every chain was asked for and is ready.
    """
    with ThreadPoolExecutor(max_workers=len(chains)) as pool:
        futures = [pool.submit(_run_chain, context, chain) for chain in chains]
        try:
            results = [future.result() for future in futures]
        except BaseException:
            context.progress.stop()
            raise
    problems = [problem for _, problem in results if problem is not None]
    if not problems and len(chains) == len(CHAINS):
        environment.write(context.layout, [part for parts, _ in results for part in parts])
    return problems


def _run_chain(context: Context, chain: Sequence[Step]) -> tuple[list[Ready], tuple[str, SetupError] | None]:
    parts: list[Ready] = []
    for noun, ensure in chain:
        try:
            part = ensure(context)
        except SetupError as error:
            return parts, (noun, error)
        context.progress.say(noun, part.detail)
        parts.append(part)
    return parts, None
