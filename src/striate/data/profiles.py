"""Colour profiles inside pictures, which are not applied: whether leaving one aside changes what is seen."""

import struct

_PRIMARIES = {  # of sRGB, as profiles store them: CIE XYZ, adapted to D50 (IEC 61966-2-1, ICC.1)
    b"rXYZ": (0.4360, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
_NEAR = 0.003  # makers round differently; Display P3 is 0.08 away
_HEAD, _MOST_TAGS = 128, 100


def is_srgb(profile: bytes) -> bool:
    """Whether an ICC profile has the primaries of sRGB, whatever its name; not for grey, CMYK and broken ones."""
    try:
        (count,) = struct.unpack_from(">I", profile, _HEAD)
        table = profile[_HEAD + 4 : _HEAD + 4 + 12 * min(count, _MOST_TAGS)]
        tags = {name: at for name, at, _ in struct.iter_unpack(">4sII", table)}
        found = {name: struct.unpack_from(">3i", profile, tags[name] + 8) for name in _PRIMARIES}
    except (struct.error, KeyError):
        return False
    return all(
        abs(part / 65536 - wanted) <= _NEAR
        for name, primary in _PRIMARIES.items()
        for part, wanted in zip(found[name], primary, strict=True)
    )
