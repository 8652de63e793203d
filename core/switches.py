"""What settings in the environment may say: on or off, and sizes.

Owns how they are spelled. What they are called and what they bring about is `home`'s business.
"""

import re
from typing import Final

from core.errors import ConfigError

ON: Final = ("1", "true", "yes", "on")
OFF: Final = ("", "0", "false", "no", "off")
_UNITS: Final = {"B": 1} | {
    f"{letter}{middle}B": base**power
    for power, letter in enumerate("KMGT", 1)
    for middle, base in (("", 1_000), ("I", 1_024))
}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Z]+)")


def is_on(name: str, text: str) -> bool:
    """Whether a setting is on: 1, true, yes, on; or off: 0, false, no, off, nothing. In any case of letters.

    Raises:
        ConfigError: it is something else. A typing error must not leave a studio open that was to be read-only.
    """
    said = text.strip().casefold()
    if said not in ON + OFF:
        raise ConfigError(f"{name} is {text[:40]!r}; give 1 for on, or 0 or nothing for off.")
    return said in ON


def size(name: str, text: str) -> int | None:
    """The bytes that a setting names: a number with a unit such as 500MB, 2 GB or 1.5GiB. None when it says nothing.

    kB, MB, GB, TB count by 1,000; KiB, MiB, GiB, TiB by 1,024.

    Raises:
        ConfigError: it has another form, or is less than one byte.
    """
    if not text.strip():
        return None
    found = _SIZE.fullmatch(text.strip().upper())
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None or float(found[1]) * unit < 1:
        raise ConfigError(f"{name} is {text[:40]!r}; give a size above 0 with its unit, such as 500MB or 2GB.")
    return int(float(found[1]) * unit)
