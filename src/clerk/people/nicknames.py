"""First names and the short forms that people go by. Only what cannot be told from the letters is listed."""

from __future__ import annotations

_SHORT = """
robert bob bobby rob | william bill billy will | james jim jimmy | michael mike mick | john jack johnny
richard rick dick rich | charles chuck charlie | edward ted ned eddie | henry hank harry | anthony tony
steven stephen steve | lawrence larry | gerald jerry | margaret peggy maggie meg | elizabeth liz beth betty betsy
katherine kathy kate katie cathy catherine kathryn | deborah debbie deb debra | rebecca becky | patricia patty trish
susan sue suzanne | virginia ginny | francis frank | francisco paco | jose pepe | philip phil phillip | joseph joe
thomas tom tommy | andrew andy drew | lawrence laurence | judith judy | dorothy dot | jacqueline jackie
gregory greg gregg | geoffrey jeff jeffrey | theodore ted teddy | walter walt | harold hal | leonard len lenny
"""
_PREFIX = 3  # letters of a short form that is the beginning of a name: Chris, Dan, Tim


def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SHORT.strip().replace("|", "\n").splitlines():
        head, *rest = line.split()
        for one, two in [(head, each) for each in rest]:
            found.setdefault(one, set()).add(two)
            found.setdefault(two, set()).add(one)
    return {name: frozenset(others) for name, others in found.items()}


_SAME = _groups()


def same_first_name(one: str, two: str) -> bool:
    """True where two first names, in small letters, can be one: equal, an initial, a beginning or a short form."""
    short, long = sorted((one, two), key=len)
    if len(short) == 1 or len(short) >= _PREFIX:
        if long.startswith(short):
            return True
    elif short == long:
        return True
    return long in _SAME.get(short, frozenset())
