"""What is used of the Docker SDK, imported in one place: the import takes 0.15 s, and a preview does without it.

Only `provider.engine.docker_library` imports this module. Threads that import parts of the SDK at the same time can
meet half-made modules, since the parts import each other.
"""

from docker import APIClient
from docker.auth import load_config
from docker.context import ContextAPI
from docker.credentials import StoreError
from docker.errors import APIError, DockerException
from docker.tls import TLSConfig
from docker.types import CancellableStream
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

NO_ANSWER = (DockerException, RequestException, HTTPError)
"""What the SDK raises when the engine cannot be reached, or stops answering."""

__all__ = [
    "NO_ANSWER",
    "APIClient",
    "APIError",
    "CancellableStream",
    "ContextAPI",
    "DockerException",
    "StoreError",
    "TLSConfig",
    "load_config",
]
