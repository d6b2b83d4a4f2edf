"""The parts of the Docker SDK that the provider uses. The import takes 0.15 s, and a preview does not need it.

Only `redlab_provider.engine.docker_library` imports this module. The SDK's modules import each other: threads that
import them at the same time could meet a module that is only partly loaded.
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
"""The exceptions that the SDK raises when the engine cannot be reached or stops answering."""

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
