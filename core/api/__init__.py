"""The REST interface: the same answers as the pages, over HTTP.

`create_api` makes the ASGI app that `serve.py` mounts at `/api/v1`. In this package: `app` puts it together, `routes`
has the addresses, `service` the answers, `form` the pictures that come in, `limits` what a request may take, `errors`
how every failure is told, `schemas` the shapes for the OpenAPI document, and `docs` its readable page.
"""

from core.api.app import create_api
from core.api.errors import unknown_address

__all__ = ["create_api", "unknown_address"]
