"""Whether the install service answers. Blocks for a few seconds at most."""

from __future__ import annotations

import urllib.error
import urllib.request

_ANSWER_S = 5.0
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Nodes fetch over the cluster's own network: what a proxy answers for the service says nothing about it."""


def silence_of(url: str) -> str:
    """Why nobody serves installs at a URL; empty when somebody does."""
    try:
        with DIRECT.open(f"{url}/health", timeout=_ANSWER_S) as answer:
            return "" if answer.read(16) == b"ok\n" else "it answers, but is no install service"
    except urllib.error.URLError as error:
        if url.startswith("https:") and "CERTIFICATE" in str(error.reason).upper():
            # It is there; nodes check its certificate by the authority that their kickstart brings.
            return ""
        return str(error.reason)
    except (OSError, ValueError) as error:
        return str(error)
