"""A TUN device that takes and gives whole TCP super-frames, with the kernel's own header before each (tun(4))."""

import fcntl
import os
import struct

_TUNSETIFF, _TUNSETOFFLOAD = 0x400454CA, 0x400454D0
_IFF_TUN, _IFF_NO_PI, _IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
_TUN_F_CSUM, _TUN_F_TSO4 = 0x01, 0x02
LARGEST_PACKET_BYTES = 65535 + 64


def open_tun(name: str) -> int:
    """Make the device; it is gone when the descriptor is closed. Returns the descriptor, which does not block."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    flags = _IFF_TUN | _IFF_NO_PI | _IFF_VNET_HDR
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    # A packet is written back with the header it came with, so nothing of it has to be understood here.
    fcntl.ioctl(descriptor, _TUNSETOFFLOAD, _TUN_F_CSUM | _TUN_F_TSO4)
    return descriptor
