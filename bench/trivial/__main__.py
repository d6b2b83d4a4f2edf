"""N containers that sleep, in one network: what `bench.marginal` deploys."""

import os

import pulumi_docker as docker

name, label, count = (os.environ[f"BENCH_{key}"] for key in ("NAME", "LABEL", "COUNT"))
key, _, value = label.partition("=")
network = docker.Network("network", name=name, labels=[docker.NetworkLabelArgs(label=key, value=value)])
for number in range(int(count)):
    docker.Container(
        f"container-{number}",
        name=f"{name}-{number}",
        image="debian:bookworm-slim",
        command=["sleep", "infinity"],
        labels=[docker.ContainerLabelArgs(label=key, value=value)],
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=network.name)],
        must_run=True,
    )
