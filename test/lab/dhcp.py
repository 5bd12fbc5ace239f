"""dhcp.py - questions of a device: DHCP (RFC 2131), DHCPv6 (RFC 8415) without an address, DNS. Each is one message and its answer."""

import os
import socket
import struct

import wire

MAGIC = b"\x63\x82\x53\x63"
DISCOVER, CAPTIVE_PORTAL, CAPTIVE_PORTAL_V6 = 1, 114, 103


def discover(device, wants=(1, 3, 6, CAPTIVE_PORTAL)):
    """{option: octets} of the offer, and the address that is offered."""
    mac = bytes.fromhex(device.mac.replace(":", ""))
    number = os.urandom(4)
    head = struct.pack("!BBBB4sHH16s16s192x", 1, 1, 6, 0, number, 0, 0x8000, b"", mac + b"\0" * 10)
    message = head + MAGIC + bytes([53, 1, DISCOVER, 55, len(wants), *wants, 255])

    def open_socket():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        sock.bind(("0.0.0.0", 68))
        return sock

    with device.net.do(open_socket) as sock:
        got = asked(sock, message, ("255.255.255.255", 67), lambda data: data[4:8] == number)
    return dict(options(got[240:])), socket.inet_ntoa(got[16:20])


def asked(sock, message, where, is_mine):
    """Again each second: a program that has just been started may not listen yet."""
    sock.settimeout(1)
    for _ in range(int(10 * wire.STRETCH)):
        sock.sendto(message, where)
        try:
            data = sock.recv(4096)
        except OSError:
            continue
        if is_mine(data):
            return data
    raise wire.Closed("nobody answered at %r" % (where,))


def options(data):
    at = 0
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        yield data[at], data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]


def information(device, wants=(23, CAPTIVE_PORTAL_V6)):
    """{option: octets} of the answer to an INFORMATION-REQUEST."""
    number = os.urandom(3)
    client = b"\x00\x03\x00\x01" + bytes.fromhex(device.mac.replace(":", ""))
    message = b"\x0b" + number + struct.pack("!HH", 1, len(client)) + client
    message += struct.pack("!HH", 6, 2 * len(wants)) + b"".join(struct.pack("!H", want) for want in wants)
    message += struct.pack("!HHH", 8, 2, 0)

    def open_socket():
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.bind(("::", 546))
        return sock, socket.if_nametoindex("eth0")

    sock, index = device.net.do(open_socket)
    with sock:
        got = asked(sock, message, ("ff02::1:2", 547, 0, index), lambda data: data[1:4] == number)
    out, at = {}, 4
    while at + 4 <= len(got):
        kind, length = struct.unpack_from("!HH", got, at)
        out[kind] = got[at + 4:at + 4 + length]
        at += 4 + length
    return out


def resolve(device, server, name, is_v6=False):
    """The addresses that the DNS server tells for a name."""
    number = os.urandom(2)
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    kind = 28 if is_v6 else 1
    message = number + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with device.net.do(lambda: socket.socket(family, socket.SOCK_DGRAM)) as sock:
        got = asked(sock, message, (server, 53), lambda data: data[:2] == number)
    count, at, out = struct.unpack_from("!H", got, 6)[0], 12 + len(question) + 4, []
    for _ in range(count):
        at += 2 if got[at] >= 0xc0 else got.index(b"\0", at) - at + 1
        found, _, _, length = struct.unpack_from("!HHIH", got, at)
        if found == kind:
            out.append(socket.inet_ntop(socket.AF_INET6 if is_v6 else socket.AF_INET, got[at + 10:at + 10 + length]))
        at += 10 + length
    return out
