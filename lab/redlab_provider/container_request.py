"""Translate a program's container into the Docker engine's request. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redlab_provider import durations, labels, traits

if TYPE_CHECKING:
    from collections.abc import Mapping

MEBIBYTE: Final = 1024 * 1024
_START_INTERVAL_API: Final = (1, 44)

_CONFIG: Final = {
    "hostname": "Hostname",
    "domainname": "Domainname",
    "tty": "Tty",
    "stdinOpen": "OpenStdin",
    "envs": "Env",
    "command": "Cmd",
    "entrypoints": "Entrypoint",
    "user": "User",
    "workingDir": "WorkingDir",
    "stopSignal": "StopSignal",
    "stopTimeout": "StopTimeout",
}
_HOST_CONFIG: Final = {
    "privileged": "Privileged",
    "publishAllPorts": "PublishAllPorts",
    "rm": "AutoRemove",
    "readOnly": "ReadonlyRootfs",
    "tmpfs": "Tmpfs",
    "dns": "Dns",
    "dnsOpts": "DnsOptions",
    "dnsSearches": "DnsSearch",
    "securityOpts": "SecurityOpt",
    "cpuShares": "CpuShares",
    "cpuSet": "CpusetCpus",
    "cpuPeriod": "CpuPeriod",
    "cpuQuota": "CpuQuota",
    "networkMode": "NetworkMode",
    "usernsMode": "UsernsMode",
    "pidMode": "PidMode",
    "ipcMode": "IpcMode",
    "sysctls": "Sysctls",
    "groupAdds": "GroupAdd",
    "init": "Init",
    "runtime": "Runtime",
    "storageOpts": "StorageOpt",
    "cgroupParent": "CgroupParent",
    "cgroupnsMode": "CgroupnsMode",
    "deviceCgroupRules": "DeviceCgroupRules",
}
_HOST_CONFIG_MEBIBYTES: Final = {
    "memory": "Memory",
    "memoryReservation": "MemoryReservation",
    "memorySwap": "MemorySwap",
    "shmSize": "ShmSize",
}
_RATE_LIMITS: Final = {
    "deviceReadBps": "BlkioDeviceReadBps",
    "deviceReadIops": "BlkioDeviceReadIOps",
    "deviceWriteBps": "BlkioDeviceWriteBps",
    "deviceWriteIops": "BlkioDeviceWriteIOps",
}


def create_body(inputs: Mapping[str, Any], api_version: tuple[int, ...]) -> dict[str, Any]:
    """Return the body of POST /containers/create."""
    body: dict[str, Any] = {api: inputs[name] for name, api in _CONFIG.items() if inputs.get(name) is not None}
    body["Image"] = inputs["image"]
    body["Labels"] = labels.to_map(inputs.get("labels"))
    if inputs.get("healthcheck"):
        body["Healthcheck"] = _healthcheck(inputs["healthcheck"], api_version)
    ports = inputs.get("ports") or []
    body["ExposedPorts"] = {_port_key(port): {} for port in ports}
    body["Volumes"] = {
        volume["containerPath"]: {}
        for volume in inputs.get("volumes") or []
        if volume.get("containerPath") and not volume.get("hostPath") and not volume.get("volumeName")
    }
    body["HostConfig"] = _host_config(inputs)
    return body


def _host_config(inputs: Mapping[str, Any]) -> dict[str, Any]:
    host: dict[str, Any] = {api: inputs[name] for name, api in _HOST_CONFIG.items() if inputs.get(name) is not None}
    host |= {
        api: mebibytes(inputs[name]) for name, api in _HOST_CONFIG_MEBIBYTES.items() if inputs.get(name) is not None
    }
    host |= {
        api: [{"Path": item["path"], "Rate": item["rate"]} for item in inputs[name]]
        for name, api in _RATE_LIMITS.items()
        if inputs.get(name)
    }
    if inputs.get("cpus"):
        host["NanoCpus"] = nano_cpus(inputs["cpus"])
    capabilities = inputs.get("capabilities") or {}
    host["CapAdd"], host["CapDrop"] = capabilities.get("adds") or [], capabilities.get("drops") or []
    host["RestartPolicy"] = restart_policy(inputs)
    host["LogConfig"] = {"Type": inputs.get("logDriver") or "", "Config": inputs.get("logOpts") or {}}
    host["PortBindings"] = _port_bindings(inputs.get("ports") or [])
    host["ExtraHosts"] = [f"{item['host']}:{item['ip']}" for item in inputs.get("hosts") or []]
    host["Ulimits"] = [
        {"Name": item["name"], "Soft": item["soft"], "Hard": item["hard"]} for item in inputs.get("ulimits") or []
    ]
    host["Devices"] = [_device(item) for item in inputs.get("devices") or []]
    host["DeviceRequests"] = [_device_request(item) for item in inputs.get("deviceRequests") or []]
    if inputs.get("gpus") == "all":
        host["DeviceRequests"].append({"Count": -1, "Capabilities": [["gpu"]]})
    volumes = inputs.get("volumes") or []
    host["Binds"] = [_bind(item) for item in volumes if item.get("hostPath") or item.get("volumeName")]
    host["VolumesFrom"] = [
        item["fromContainer"] + (":ro" if item.get("readOnly") else "") for item in volumes if item.get("fromContainer")
    ]
    host["Mounts"] = [_mount(item) for item in inputs.get("mounts") or []]
    return host


def restart_policy(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the restart policy in Docker's form."""
    return {"Name": inputs.get("restart") or "no", "MaximumRetryCount": inputs.get("maxRetryCount") or 0}


def mebibytes(amount: int) -> int:
    """Return the amount in bytes; -1 stays -1 (no limit)."""
    return amount * MEBIBYTE if amount > 0 else amount


def nano_cpus(cpus: str) -> int:
    """Return a number of CPUs such as "1.5" in billionths."""
    return round(float(cpus) * 1_000_000_000)


def endpoint(network: Mapping[str, Any]) -> dict[str, Any]:
    """Return the endpoint's settings as arguments of the client's `connect_container_to_network`."""
    arguments = {
        "aliases": network.get("aliases"),
        "ipv4_address": network.get("ipv4Address"),
        "ipv6_address": network.get("ipv6Address"),
        "link_local_ips": network.get("linkLocalIps"),
        "driver_opt": dict(option.split("=", 1) for option in network.get("driverOpts") or []),
        "mac_address": network.get("macAddress"),
    }
    return {name: value for name, value in arguments.items() if value}


def _healthcheck(check: Mapping[str, Any], api_version: tuple[int, ...]) -> dict[str, Any]:
    config = {
        "Test": check.get("tests") or [],
        "Interval": durations.parse_nanoseconds(check.get("interval") or ""),
        "Timeout": durations.parse_nanoseconds(check.get("timeout") or ""),
        "StartPeriod": durations.parse_nanoseconds(check.get("startPeriod") or ""),
        "Retries": check.get("retries") or 0,
    }
    # Engines before API 1.44 refuse the field.
    if api_version >= _START_INTERVAL_API:
        config["StartInterval"] = durations.parse_nanoseconds(check.get("startInterval") or "")
    return config


def _port_key(port: Mapping[str, Any]) -> str:
    return f"{port['internal']}/{port.get('protocol') or 'tcp'}"


def _port_bindings(ports: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        external = str(port["external"]) if port.get("external") else ""
        bindings.setdefault(_port_key(port), []).append({"HostIp": port.get("ip") or "", "HostPort": external})
    return bindings


def _bind(volume: Mapping[str, Any]) -> str:
    options = [option for option in (volume.get("selinuxRelabel"), "ro" if volume.get("readOnly") else "rw") if option]
    return f"{volume.get('hostPath') or volume['volumeName']}:{volume['containerPath']}:{','.join(options)}"


def _device(device: Mapping[str, Any]) -> dict[str, str]:
    return {
        "PathOnHost": device["hostPath"],
        "PathInContainer": device.get("containerPath") or device["hostPath"],
        "CgroupPermissions": device.get("permissions") or traits.DEFAULTS["ContainerDevice"]["permissions"],
    }


def _device_request(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Driver": request.get("driver") or traits.DEFAULTS["ContainerDeviceRequest"]["driver"],
        "Count": request.get("count") or 0,
        "DeviceIDs": request.get("deviceIds") or [],
        "Capabilities": [request.get("capabilities") or []],
        "Options": request.get("options") or {},
    }


def _mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Type": mount["type"],
        "Target": mount["target"],
        "Source": mount.get("source") or "",
        "ReadOnly": mount.get("readOnly") or False,
    }
    if bind := mount.get("bindOptions"):
        body["BindOptions"] = {"Propagation": bind.get("propagation") or ""}
    if volume := mount.get("volumeOptions"):
        body["VolumeOptions"] = {
            "NoCopy": volume.get("noCopy") or False,
            "Labels": labels.to_map(volume.get("labels")),
            "DriverConfig": {"Name": volume.get("driverName") or "", "Options": volume.get("driverOptions") or {}},
        }
        if volume.get("subpath"):
            body["VolumeOptions"]["Subpath"] = volume["subpath"]
    if tmpfs := mount.get("tmpfsOptions"):
        body["TmpfsOptions"] = {"SizeBytes": tmpfs.get("sizeBytes") or 0, "Mode": tmpfs.get("mode") or 0}
    return body
