"""Names for the arrays that the steps hand to one another.

OpenCV's type hints do not say what its arrays hold, so a checker cannot hold these to it either; the names tell people.
"""

from typing import Any, TypeAlias

from numpy.typing import NDArray

Levels: TypeAlias = NDArray[Any]  # uint8: grey levels, or colours
Shares: TypeAlias = NDArray[Any]  # float32: shares of full ink in [0, 1], weights, profiles
Labels: TypeAlias = NDArray[Any]  # int32: which piece of ink a pixel belongs to; 0 is paper
