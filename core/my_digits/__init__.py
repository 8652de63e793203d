"""My digits: what visitors labelled by hand because a model had read it wrongly, kept on the studio's own disk.

    visitor.py   who a visitor is: a random number in a cookie, and the name that the disk knows instead of it
    digit.py     one kept digit: what its folder holds, and what of it can be believed
    store.py     those of one visitor: keep, share, delete and take back; and all that are shared
    room.py      what a visitor has kept, and how much more may be
    exchange.py  as a zip to take along, and back from one

Private until shared: a visitor's digits lie in a folder that is named after a hash of the cookie, so neither the disk
nor a page gives away what opens it. Teaching a model with them is `core.teaching`'s business.
"""

from core.my_digits.digit import MyDigit, Seen
from core.my_digits.exchange import Brought, export_zip, import_zip
from core.my_digits.room import MOST
from core.my_digits.store import MyDigits, arrays_of, shared_digits
from core.my_digits.visitor import COOKIE, VisitorCookie, new_token, owner_of

__all__ = [
    "COOKIE",
    "MOST",
    "Brought",
    "MyDigit",
    "MyDigits",
    "Seen",
    "VisitorCookie",
    "arrays_of",
    "export_zip",
    "import_zip",
    "new_token",
    "owner_of",
    "shared_digits",
]
