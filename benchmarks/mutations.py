"""Damage to PDFs of the kinds that happen, and of those that somebody makes on purpose. Bytes in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_OBJECT = re.compile(rb"(?<!\d)(\d+) (\d+) obj\b(.*?)\bendobj", re.DOTALL)
_LENGTH = re.compile(rb"/Length\s+(\d+)")
_REFERENCE = re.compile(rb"(?<!\d)(\d+) (\d+) R\b")
_NUMBER = re.compile(rb"(?<![\w.+-])-?\d+(?:\.\d+)?(?![\w.])")
_START = re.compile(rb"startxref\s+(\d+)")
_FILTERS = (b"/FlateDecode", b"/LZWDecode", b"/DCTDecode", b"/JPXDecode", b"/JBIG2Decode", b"/CCITTFaxDecode")
_EXTREMES = (
    b"0",
    b"-1",
    b"1",
    b"65536",
    b"2147483647",
    b"-2147483648",
    b"9223372036854775807",
    b"1e38",
    b"0.000001",
)

Mutation = Callable[[bytes, Random], bytes]


def flip_bits(data: bytes, random: Random) -> bytes:
    """One to 200 bits anywhere."""
    out = bytearray(data)
    for _ in range(random.choice((1, 4, 20, 200))):
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    return bytes(out)


def truncate(data: bytes, random: Random) -> bytes:
    """A download that broke off."""
    return data[: random.randrange(1, len(data))]


def lose_block(data: bytes, random: Random) -> bytes:
    """A block that is gone, zeroed, random, or there twice."""
    start = random.randrange(len(data))
    size = random.choice((16, 512, 4096, 65536))
    block = data[start : start + size]
    put = random.choice((b"", bytes(len(block)), random.randbytes(len(block)), block + block))
    return data[:start] + put + data[start + size :]


def swap_objects(data: bytes, random: Random) -> bytes:
    """Two objects in each other's place: a font where the page tree is looked for."""
    found = [match.span(3) for match in _OBJECT.finditer(data)]
    if len(found) < 2:
        return flip_bits(data, random)
    (a, b), (c, d) = sorted(random.sample(found, 2))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def lie_about_length(data: bytes, random: Random) -> bytes:
    """A stream that says it is longer or shorter than it is."""
    found = list(_LENGTH.finditer(data))
    if not found:
        return truncate(data, random)
    match = random.choice(found)
    true = int(match.group(1))
    lie = random.choice((0, 1, true - 1, true + 1, true * 2, true * 1000, 2**31 - 1, -1))
    return data[: match.start(1)] + str(lie).encode() + data[match.end(1) :]


def damage_xref(data: bytes, random: Random) -> bytes:
    """A cross-reference table that is elsewhere, nowhere, its own predecessor, or wrong in its entries."""
    starts = list(_START.finditer(data))
    table = data.rfind(b"\nxref")
    if not starts:
        return truncate(data, random)
    match = starts[-1]
    kind = random.randrange(4)
    if kind == 0 or table < 0:
        offset = random.choice(
            (0, int(match.group(1)) + random.randrange(1, 50), random.randrange(len(data)), 10**12)
        )
        return data[: match.start(1)] + str(offset).encode() + data[match.end(1) :]
    if kind == 1:
        return data.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % int(match.group(1)), 1)
    if kind == 2:
        return data[:table] + data[match.start() :]
    at = random.randrange(table, match.start())
    return data[:at] + random.randbytes(20) + data[at + 20 :]


def extreme_number(data: bytes, random: Random) -> bytes:
    """One number, a size or a count perhaps, that is absurd."""
    found = list(_NUMBER.finditer(data[: 4 << 20]))
    if not found:
        return flip_bits(data, random)
    match = random.choice(found)
    return data[: match.start()] + random.choice(_EXTREMES) + data[match.end() :]


def wrong_reference(data: bytes, random: Random) -> bytes:
    """References that lead to another object: loops in the page tree, pages that are fonts."""
    found = list(_REFERENCE.finditer(data))
    if not found:
        return flip_bits(data, random)
    numbers = [match.group(1) for match in found]
    for match in sorted(
        random.sample(found, min(len(found), random.choice((1, 3)))), key=lambda m: -m.start()
    ):
        data = data[: match.start(1)] + random.choice(numbers) + data[match.end(1) :]
    return data


def wrong_filter(data: bytes, random: Random) -> bytes:
    """A stream that is not coded as it says, or coded many times over."""
    found = [match for name in _FILTERS for match in re.finditer(re.escape(name) + rb"\b", data)]
    if not found:
        return flip_bits(data, random)
    match = random.choice(found)
    put = random.choice((*_FILTERS, b"[" + b" ".join([match.group()] * 50) + b"]"))
    return data[: match.start()] + put + data[match.end() :]


def nest_deeply(data: bytes, random: Random) -> bytes:
    """Arrays, dictionaries, saved states or strings inside of each other, tens of thousands deep."""
    opening, closing = random.choice(
        ((b"[", b"]"), (b"<</A ", b">>"), (b"q ", b"Q "), (b"(", b")"), (b"BT ", b"ET "))
    )
    depth = random.choice((300, 5_000, 100_000))
    deep = opening * depth + (closing * depth if random.random() < 0.5 else b"")
    places = [match.start(3) for match in _OBJECT.finditer(data)]
    places += [match.end() for match in re.finditer(rb"\bstream\r?\n", data)]
    at = random.choice(places) if places else random.randrange(len(data))
    return data[:at] + b" " + deep + b" " + data[at:]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    truncate,
    lose_block,
    swap_objects,
    lie_about_length,
    damage_xref,
    extreme_number,
    wrong_reference,
    wrong_filter,
    nest_deeply,
)
