"""What schemathesis may not do to the computer it runs on, said openly; test/python/admin-api.test.ts starts it.

The server is a real one with a folder of its own. Requests that would reach out of it are sent all the same, with the
address or path in them exchanged for a harmless one; nothing else is changed.
"""

import os

import schemathesis

SCRATCH = os.environ["SCRATCH_DIR"]
# Nothing listens there.
NOWHERE = "http://127.0.0.1:9/v1"


def within_scratch(value):
    return os.path.join(SCRATCH, "".join(c if c.isalnum() else "-" for c in value)[:40] or "empty")


# Fields that hold a path of this computer, and fields that hold an address.
PATHS = {"file", "folder", "path", "certificate", "key", "certFile", "keyFile"}
ADDRESSES = {"url"}


def tamed(body):
    if not isinstance(body, dict):
        return body
    changed = dict(body)
    for name, value in body.items():
        if name in PATHS and isinstance(value, str) and value:
            changed[name] = within_scratch(value)
        if name in ADDRESSES and isinstance(value, str) and "://" in value:
            changed[name] = NOWHERE
    return changed


@schemathesis.hook
def map_body(ctx, body):
    path = ctx.operation.path
    # An API key's or model's own fields of these names are no paths.
    if any(part in path for part in ("/upstreams", "/exports", "/backups", "/restore", "/models", "/model-folders", "/https", "/tls")):
        return tamed(body)
    if path.endswith("/lan") and isinstance(body, dict) and "on" in body:
        # The office is not let in: this computer's network is not ours to open.
        return {**body, "on": False} if body["on"] is True else body
    return body


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    if path_parameters and str(path_parameters.get("name", "")).startswith("lan."):
        return {**path_parameters, "name": "lan-not-here"}
    return path_parameters
