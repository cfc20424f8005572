"""Runs a peer's own entry point with its requests sent to the sandbox instead of Close.

Runs in the peer's environment: ``python redirect.py http://127.0.0.1:PORT module:function ...``. Nothing
but the address of a request is changed: the host, a doubled slash, and the path ``/custom_fields/`` that
Close served under that name in 2018.
"""

import importlib
import sys

import requests

BASES = ("https://api.close.com/api/v1/", "https://app.close.io/api/v1/")


def redirect(sandbox):
    """Send what goes to Close to the sandbox."""
    send = requests.Session.send

    def redirected(session, request, **options):
        for base in BASES:
            if request.url.startswith(base):
                path = request.url[len(base) :].lstrip("/").replace("custom_fields/", "custom_field/", 1)
                request.url = f"{sandbox}/api/v1/{path}"
        return send(session, request, **options)

    requests.Session.send = redirected


def main():
    """Run the entry point; a class is an Airbyte source, launched as Airbyte does."""
    sandbox, entry = sys.argv[1:3]
    redirect(sandbox)
    module, _, name = entry.partition(":")
    found = getattr(importlib.import_module(module), name)
    sys.argv = [name, *sys.argv[3:]]
    if isinstance(found, type):
        from airbyte_cdk.entrypoint import launch

        launch(found(), sys.argv[1:])
    else:
        found()


if __name__ == "__main__":
    main()
