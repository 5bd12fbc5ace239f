"""Makes a small database of countries, as MaxMind's are: a binary tree over the bits of addresses, data, metadata."""

import ipaddress

MARK = b"\xab\xcd\xefMaxMind.com"
TEXT, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11


def head(kind, size):
    """The control octet of a value, for sizes below 29; kinds above 7 have a second one."""
    assert size < 29
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])


def number(kind, value):
    octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return head(kind, len(octets)) + octets


def encode(value):
    if isinstance(value, str):
        return head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return head(MAP, len(value)) + b"".join(encode(name) + encode(member) for name, member in value.items())
    if isinstance(value, list):
        return head(ARRAY, len(value)) + b"".join(encode(member) for member in value)
    return value  # encoded already


def bits_of(network):
    """Of an IPv6 address; an IPv4 one is in the tree's first 32 bits after 96 zeroes."""
    net = ipaddress.ip_network(network)
    zeroes = [0] * 96 if net.version == 4 else []
    size = 32 if net.version == 4 else 128
    return zeroes + [int(net.network_address) >> (size - 1 - i) & 1 for i in range(net.prefixlen)]


def database(countries):
    """The octets of a database in which {network: "XX"}."""
    nodes, data, offsets = [[None, None]], b"", {}
    for code in sorted(set(countries.values())):
        offsets[code] = len(data)
        data += encode({"country": {"iso_code": code}})
    for network, code in countries.items():
        at, bits = 0, bits_of(network)
        for bit in bits[:-1]:
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][bits[-1]] = code

    def record(value):
        if value is None:
            value = len(nodes)
        elif isinstance(value, str):
            value = len(nodes) + 16 + offsets[value]
        return value.to_bytes(4, "big")

    tree = b"".join(record(left) + record(right) for left, right in nodes)
    about = encode({
        "binary_format_major_version": number(UINT16, 2), "binary_format_minor_version": number(UINT16, 0),
        "build_epoch": number(UINT64, 1767225600), "database_type": "Test-Country", "description": {"en": "a test"},
        "ip_version": number(UINT16, 6), "languages": ["en"], "node_count": number(UINT32, len(nodes)),
        "record_size": number(UINT16, 32)})
    return tree + bytes(16) + data + MARK + about
