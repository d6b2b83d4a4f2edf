"""The reference program, with which the official plugin's behaviour was measured.

`PROGRAM_NAME` is the prefix of all names, `PROGRAM_EDIT` a JSON object with values to change, `PROGRAM_OWNER` the value
of the owner label, `PROGRAM_SUBNET` the first three parts of the second network's addresses.
"""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
import pulumi_docker as docker

NAME = os.environ["PROGRAM_NAME"]
EDIT = json.loads(os.environ.get("PROGRAM_EDIT", "{}"))
SUBNET = os.environ["PROGRAM_SUBNET"]
OWNER = {"io.redundancy-lab.owner": os.environ["PROGRAM_OWNER"]}


def edited(key: str, usual: Any) -> Any:
    return EDIT.get(key, usual)


image = docker.RemoteImage(
    "image",
    name=f"{NAME}/node:latest",
    keep_locally=edited("keep_locally", False),
    build=docker.RemoteImageBuildArgs(context=str(Path("image").resolve()), labels={"a": "b"}),
    triggers=edited("triggers", {"digest": "1"}),
)
access = docker.Network(
    "access",
    name=f"{NAME}-access",
    driver="bridge",
    labels=[docker.NetworkLabelArgs(label=key, value=value) for key, value in OWNER.items()],
)
site = docker.Network(
    "site",
    name=f"{NAME}-site",
    internal=edited("internal", True),
    options={"com.docker.network.bridge.name": f"{NAME[-10:]}0"},
    ipam_configs=[docker.NetworkIpamConfigArgs(subnet=f"{SUBNET}.0/24")],
    labels=[docker.NetworkLabelArgs(label=key, value=value) for key, value in OWNER.items()],
)
data = docker.Volume(
    "data",
    name=f"{NAME}-data",
    labels=[docker.VolumeLabelArgs(label=key, value=value) for key, value in OWNER.items()],
)
labels = {"role": edited("label", "gateway"), **OWNER}
docker.Container(
    "node",
    name=f"{NAME}-node",
    image=image.image_id,
    hostname="node",
    command=edited("command", ["sleep", "infinity"]),
    envs=edited("envs", ["A=1", "B=two words"]),
    restart=edited("restart", "unless-stopped"),
    must_run=True,
    stop_timeout=edited("stop_timeout", 2),
    networks_advanced=[
        docker.ContainerNetworksAdvancedArgs(name=access.name, aliases=["n1"]),
        docker.ContainerNetworksAdvancedArgs(
            name=site.name, aliases=edited("aliases", ["n2", "n3"]), ipv4_address=edited("ip", f"{SUBNET}.20")
        ),
    ],
    ports=[docker.ContainerPortArgs(internal=8080, external=edited("port", None), ip="127.0.0.1")],
    volumes=[docker.ContainerVolumeArgs(volume_name=data.name, container_path="/data")],
    uploads=[
        docker.ContainerUploadArgs(
            file="/etc/golden.conf",
            content=pulumi.Output.secret(edited("upload", "the first secret")),
            permissions="0644",
        )
    ],
    capabilities=docker.ContainerCapabilitiesArgs(adds=["CAP_NET_ADMIN"], drops=edited("drops", ["CAP_MKNOD"])),
    sysctls={"net.ipv4.ip_forward": "1"},
    labels=[docker.ContainerLabelArgs(label=key, value=value) for key, value in labels.items()],
    memory=edited("memory", 128),
    cpu_shares=edited("cpu_shares", 512),
    user=edited("user", "0"),
    init=True,
    read_only=edited("read_only", False),
    tmpfs={"/run": "rw,size=1m"},
    log_opts={"max-size": "1m"},
    log_driver="json-file",
    healthcheck=docker.ContainerHealthcheckArgs(
        tests=["CMD-SHELL", edited("check", "test -f /hi")],
        interval=edited("interval", "1s"),
        timeout="2s",
        retries=3,
        start_period="5s",
    ),
    wait=True,
    wait_timeout=edited("wait_timeout", 30),
)
