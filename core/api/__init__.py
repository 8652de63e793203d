"""The REST interface: the same answers as the pages, over HTTP.

`create_api` makes the ASGI app that `serve.py` mounts at `/api/v1`. In this package: `app` puts it together, `routes`
has the addresses, `service` the answers, `form` the pictures that come in, `limits` what a request may take, `errors`
how every failure is told, `schemas` the shapes for the OpenAPI document, `docs` its readable page, `examples` the
programs on that, and `access` the log of requests.
"""

from core.api.access import AccessLog, log_to_stderr
from core.api.app import create_api
from core.api.errors import unknown_address

__all__ = ["AccessLog", "create_api", "log_to_stderr", "unknown_address"]
