"""What Keras imports, where it is installed, for wrappers and tables that nothing here uses."""

import sys
from typing import Final

_UNUSED: Final = ("sklearn", "pandas")


def leave_out_unused() -> None:
    """Lets this process take those for not installed: Keras then loads more than a second sooner.

    Only for processes that train, import or export and then end; call it before Keras is imported.
    """
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]
