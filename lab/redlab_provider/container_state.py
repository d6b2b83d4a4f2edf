"""Translate the engine's description of a container into the recorded state. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redlab_provider import durations, labels, schema, traits
from redlab_provider.container_request import MEBIBYTE, nano_cpus
from redlab_provider.values import complete, same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_UPDATABLE: Final = frozenset(
    {"cpuPeriod", "cpuQuota", "cpuSet", "cpuShares", "healthcheck", "init", "maxRetryCount", "memory"}
    | {"memoryReservation", "memorySwap", "mustRun", "restart", "tmpfs"}
)
"""Properties that can differ from the inputs of the same container; all others are fixed when it is created."""
_NULL_AFTER_CREATE: Final = ("dns", "dnsOpts", "dnsSearches", "groupAdds", "storageOpts", "tmpfs", "sysctls", "logOpts")


def state_of(
    inspected: dict[str, Any], inputs: Mapping[str, Any], *, refreshed: bool, discarded: Collection[str] = ()
) -> dict[str, Any]:
    """Return the recorded state of a container.

    Fixed properties are taken from the inputs: the state then keeps the program's spelling (an image name, a duration,
    values that the engine does not report). So are the limits that the engine ignores (`discarded`). All other values
    are the engine's.
    """
    properties = schema.resources()[traits.CONTAINER].inputs
    state = engine_view(inspected)
    for name, value in inputs.items():
        prop = properties.get(name)
        if prop is None or value is None:
            continue
        if name not in _UPDATABLE or name in discarded or same(state.get(name), value, prop):
            state[name] = complete(value, prop, refreshed=refreshed)
    state["image"] = _image(inspected, inputs)
    state["ports"] = _with_external_ports(state["ports"], inspected)
    state["mustRun"] = bool(inputs.get("mustRun", True)) and (_runs(inspected) or not inputs.get("start", True))
    if not refreshed:
        state |= {name: None for name in _NULL_AFTER_CREATE if not inputs.get(name) and not state[name]}
    return state


def engine_view(inspected: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the state that the engine reports."""
    config, host, runtime = inspected["Config"], inspected["HostConfig"], inspected["State"]
    settings = inspected.get("NetworkSettings") or {}
    return {
        "attach": False,
        "bridge": settings.get("Bridge", ""),
        "capabilities": _capabilities(host),
        "cgroupParent": host.get("CgroupParent") or None,
        "cgroupnsMode": None,
        "command": config.get("Cmd") or [],
        "containerLogs": None,
        "containerReadRefreshTimeoutMilliseconds": 15000,
        "cpuPeriod": host.get("CpuPeriod") or None,
        "cpuQuota": host.get("CpuQuota") or None,
        "cpuSet": host.get("CpusetCpus", ""),
        "cpuShares": host.get("CpuShares", 0),
        "cpus": _cpus(host),
        "destroyGraceSeconds": None,
        "deviceCgroupRules": host.get("DeviceCgroupRules") or [],
        "deviceReadBps": _rates(host.get("BlkioDeviceReadBps")),
        "deviceReadIops": _rates(host.get("BlkioDeviceReadIOps")),
        "deviceRequests": [],
        "deviceWriteBps": _rates(host.get("BlkioDeviceWriteBps")),
        "deviceWriteIops": _rates(host.get("BlkioDeviceWriteIOps")),
        "devices": [_device(item) for item in host.get("Devices") or []],
        "dns": host.get("Dns") or [],
        "dnsOpts": host.get("DnsOptions") or [],
        "dnsSearches": host.get("DnsSearch") or [],
        "domainname": config.get("Domainname", ""),
        "entrypoints": config.get("Entrypoint") or [],
        "envs": [],
        "exitCode": None if _runs(inspected) or runtime.get("Status") == "created" else runtime.get("ExitCode"),
        "gpus": None,
        "groupAdds": host.get("GroupAdd") or [],
        "healthcheck": _healthcheck(config.get("Healthcheck")),
        "hostname": config.get("Hostname", ""),
        "hosts": [_host(item) for item in host.get("ExtraHosts") or []],
        "id": inspected["Id"],
        "init": bool(host.get("Init")),
        "ipcMode": host.get("IpcMode", ""),
        "labels": [],
        "logDriver": (host.get("LogConfig") or {}).get("Type", ""),
        "logOpts": (host.get("LogConfig") or {}).get("Config") or {},
        "logs": False,
        "maxRetryCount": host["RestartPolicy"].get("MaximumRetryCount", 0),
        "memory": _mebibytes(host.get("Memory")),
        "memoryReservation": _mebibytes(host.get("MemoryReservation")),
        "memorySwap": _mebibytes(host.get("MemorySwap")),
        "mounts": [_mount(item) for item in host.get("Mounts") or []],
        "mustRun": True,
        "name": inspected["Name"].lstrip("/"),
        "networkDatas": _network_datas(settings),
        "networkMode": host.get("NetworkMode") or "",
        "networksAdvanced": [],
        "pidMode": host.get("PidMode") or None,
        "platform": inspected.get("Platform", ""),
        "ports": _bound_ports(host),
        "privileged": host.get("Privileged", False),
        "publishAllPorts": host.get("PublishAllPorts", False),
        "readOnly": host.get("ReadonlyRootfs", False),
        "removeVolumes": True,
        "restart": host["RestartPolicy"].get("Name") or "no",
        "rm": host.get("AutoRemove", False),
        "runtime": host.get("Runtime") or "",
        "securityOpts": host.get("SecurityOpt") or [],
        "shmSize": _mebibytes(host.get("ShmSize")),
        "start": True,
        "stdinOpen": config.get("OpenStdin", False),
        "stopSignal": config.get("StopSignal") or "",
        "stopTimeout": config.get("StopTimeout") or 0,
        "storageOpts": host.get("StorageOpt") or {},
        "sysctls": host.get("Sysctls") or {},
        "tmpfs": host.get("Tmpfs") or {},
        "tty": config.get("Tty", False),
        "ulimits": [
            {"name": item["Name"], "soft": item["Soft"], "hard": item["Hard"]} for item in host.get("Ulimits") or []
        ],
        "uploads": [],
        "user": config.get("User", ""),
        "usernsMode": host.get("UsernsMode", ""),
        "volumes": [],
        "wait": False,
        "waitTimeout": 60,
        "workingDir": config.get("WorkingDir", ""),
        "__meta": traits.META[traits.CONTAINER],
    }


def _runs(inspected: dict[str, Any]) -> bool:
    return bool(inspected["State"].get("Running"))


def _image(inspected: dict[str, Any], inputs: Mapping[str, Any]) -> str:
    """Return the program's name of the image if the container was made from that image, otherwise the image's id."""
    wanted = str(inputs.get("image", ""))
    return wanted if wanted and wanted == inspected["Config"].get("Image") else str(inspected["Image"])


def _capabilities(host: dict[str, Any]) -> dict[str, list[str]] | None:
    adds, drops = host.get("CapAdd") or [], host.get("CapDrop") or []
    return {"adds": adds, "drops": drops} if adds or drops else None


def _cpus(host: dict[str, Any]) -> str | None:
    return f"{host['NanoCpus'] / nano_cpus('1'):g}" if host.get("NanoCpus") else None


def _mebibytes(amount_bytes: int | None) -> int:
    amount = amount_bytes or 0
    return amount // MEBIBYTE if amount > 0 else amount


def _rates(limits: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [{"path": item["Path"], "rate": item["Rate"]} for item in limits or []]


def _device(device: dict[str, Any]) -> dict[str, str]:
    return {
        "hostPath": device["PathOnHost"],
        "containerPath": device["PathInContainer"],
        "permissions": device["CgroupPermissions"],
    }


def _host(entry: str) -> dict[str, str]:
    name, _, address = entry.partition(":")
    return {"host": name, "ip": address}


def _healthcheck(check: dict[str, Any] | None) -> dict[str, Any] | None:
    if not check or not check.get("Test"):
        return None
    return {
        "interval": durations.format_nanoseconds(check.get("Interval", 0)),
        "retries": check.get("Retries", 0),
        "startInterval": durations.format_nanoseconds(check.get("StartInterval", 0)),
        "startPeriod": durations.format_nanoseconds(check.get("StartPeriod", 0)),
        "tests": check["Test"],
        "timeout": durations.format_nanoseconds(check.get("Timeout", 0)),
    }


def _mount(mount: dict[str, Any]) -> dict[str, Any]:
    bind, volume, tmpfs = mount.get("BindOptions"), mount.get("VolumeOptions"), mount.get("TmpfsOptions")
    return {
        "type": mount["Type"],
        "target": mount["Target"],
        "source": mount.get("Source", ""),
        "readOnly": mount.get("ReadOnly", False),
        "bindOptions": {"propagation": bind.get("Propagation", "")} if bind else None,
        "volumeOptions": {
            "noCopy": volume.get("NoCopy", False),
            "labels": labels.to_list(volume.get("Labels")),
            "driverName": (volume.get("DriverConfig") or {}).get("Name", ""),
            "driverOptions": (volume.get("DriverConfig") or {}).get("Options") or {},
            "subpath": volume.get("Subpath", ""),
        }
        if volume
        else None,
        "tmpfsOptions": {"sizeBytes": tmpfs.get("SizeBytes", 0), "mode": tmpfs.get("Mode", 0)} if tmpfs else None,
    }


def _network_datas(settings: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "gateway": endpoint.get("Gateway", ""),
            "globalIpv6Address": endpoint.get("GlobalIPv6Address", ""),
            "globalIpv6PrefixLength": endpoint.get("GlobalIPv6PrefixLen", 0),
            "ipAddress": endpoint.get("IPAddress", ""),
            "ipPrefixLength": endpoint.get("IPPrefixLen", 0),
            "ipv6Gateway": endpoint.get("IPv6Gateway", ""),
            "macAddress": endpoint.get("MacAddress", ""),
            "networkName": name,
        }
        for name, endpoint in sorted((settings.get("Networks") or {}).items())
    ]


def _bound_ports(host: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the ports that the container was created with; the engine lists them for a stopped container, too."""
    ports = []
    for key, bindings in sorted((host.get("PortBindings") or {}).items()):
        internal, _, protocol = key.partition("/")
        ports += [
            {
                "internal": int(internal),
                "external": int(binding.get("HostPort") or 0) or None,
                "ip": binding.get("HostIp") or traits.DEFAULTS["ContainerPort"]["ip"],
                "protocol": protocol or "tcp",
            }
            for binding in bindings or []
        ]
    return ports


def _with_external_ports(ports: list[dict[str, Any]] | None, inspected: dict[str, Any]) -> list[dict[str, Any]]:
    """Fill in the host ports that the engine chose."""
    published = (inspected.get("NetworkSettings") or {}).get("Ports") or {}
    completed = []
    for port in ports or []:
        chosen = [
            int(binding["HostPort"])
            for binding in published.get(f"{port['internal']}/{port['protocol']}") or []
            if binding.get("HostIp") == port.get("ip")
        ]
        completed.append(port | {"external": port.get("external") or (chosen[0] if chosen else None)})
    return completed
