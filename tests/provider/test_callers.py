"""Access to the Docker engine through the provider's port: only for the provider's own user and root."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from redlab_provider.callers import OnlyUsers, owner
from redlab_provider.engine_log import EngineLog
from redlab_provider.operations import Operations
from redlab_provider.servicer import Servicer
from tests.support.provider.client import EXECUTABLE

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LINE = "   1: {local} 0100007F:1F90 {state} 00000000:00000000 00:00000000 00000000 {user:>5}        0 {inode} 1 0\n"
CALL = """
import os, sys, grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc
os.setuid(int(sys.argv[2]))
stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel("127.0.0.1:" + sys.argv[1]))
try:
    print(stub.GetPluginInfo(empty_pb2.Empty(), timeout=20).version)
except grpc.RpcError as error:
    print(error.code().name)
"""


def table(state: str = "01", user: int = 1000, inode: int = 7, local: str = "0100007F:9C40") -> str:
    return HEAD + LINE.format(local=local, state=state, user=user, inode=inode)


def test_an_open_connection_has_its_users_id() -> None:
    mapped = "0000000000000000FFFF00000100007F:9C40"
    assert owner([HEAD, table()], "ipv4:127.0.0.1:40000") == 1000
    assert owner([table(local="0100007F:9C41"), table(user=7, local=mapped)], "ipv4:127.0.0.1:40000") == 7


@pytest.mark.parametrize("line", [table("06", 0, 0), table("05", 0, 0), table("01", 0, 0), table("0A"), HEAD, ""])
def test_a_closed_connection_has_no_owner_although_the_kernel_lists_root(line: str) -> None:
    assert owner([line], "ipv4:127.0.0.1:40000") is None


@pytest.mark.parametrize("peer", ["unix:", "ipv6:[::1]:40000", "ipv4:127.0.0.1:", ""])
def test_a_peer_of_another_address_family_has_no_owner(peer: str) -> None:
    assert owner([table()], peer) is None


def test_the_kernels_tables_name_this_process_user() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        peer = f"ipv4:127.0.0.1:{client.getsockname()[1]}"
        assert owner([Path("/proc/self/net/tcp").read_text()], peer) == os.getuid()
        other = f"ipv4:127.0.0.1:{server.getsockname()[1]}"
        assert owner([Path("/proc/self/net/tcp").read_text()], other) is None  # it listens


@pytest.mark.parametrize("allowed", [True, False])
def test_calls_of_other_users_are_refused(allowed: bool) -> None:
    users = {os.getuid() if allowed else os.getuid() + 1}
    server = grpc.server(ThreadPoolExecutor(2), interceptors=[OnlyUsers(users)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(Operations(EngineLog(None))), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            if allowed:
                assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=20).version
            else:
                with pytest.raises(grpc.RpcError) as refused:
                    stub.GetPluginInfo(empty_pb2.Empty(), timeout=20)
                assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
                assert f"serves only user {os.getuid()} and root" in refused.value.details()
    finally:
        server.stop(0)


@pytest.mark.skipif(os.getuid() != 0, reason="root alone can be another user")
def test_another_user_of_the_machine_is_refused_by_the_process_that_pulumi_starts() -> None:
    with subprocess.Popen([EXECUTABLE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = process.stdout.readline().strip()
        try:
            said = {
                user: subprocess.run(
                    [sys.executable, "-c", CALL, port, str(user)], capture_output=True, text=True, check=True
                ).stdout.strip()
                for user in (0, 65534)
            }
        finally:
            process.kill()
    assert said[0].startswith("5.")
    assert said[65534] == "PERMISSION_DENIED"
