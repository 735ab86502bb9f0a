"""Whether the install service answers, as the nodes would see it. Blocks for a few seconds at most."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request

from core.install.bootfiles import plain_reason

UNTRUSTED = "nodes would not trust its certificate"
_ANSWER_S = 5.0
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Nodes fetch over the cluster's own network: what a proxy answers for the service says nothing about it."""


def silence_of(url: str, authority: str = "") -> str:
    """Why nobody serves installs at a URL; empty when somebody does.

    Args:
        authority: PEM text by which nodes check the service: a certificate that they would not trust counts as
            silence then. Without it any certificate will do.
    """
    opener = DIRECT
    if url.startswith("https:"):
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=_as_curl(authority))
        )
    try:
        with opener.open(f"{url}/health", timeout=_ANSWER_S) as answer:
            return "" if answer.read(16) == b"ok\n" else "it answers, but is no install service"
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            return f"{UNTRUSTED}: {error.reason.verify_message}"
        return plain_reason(error)
    except (OSError, ValueError) as error:
        return plain_reason(error)


def _as_curl(authority: str) -> ssl.SSLContext:
    """Checks certificates as the nodes' curl does: the service's own may be its authority (curl's CURLOPT_CAINFO)."""
    context = ssl.create_default_context(cadata=authority or None)
    if authority:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
