"""Arrays as pictures, as `core.pictures` has them."""

from core.pictures import *  # noqa: F403
