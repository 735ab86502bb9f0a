"""The kickstart service over HTTP: Starlette in front of `InstallDesk`. Runs in uvicorn's event loop.

=========================== ======================================================================
``GET  /ks/TOKEN``          the kickstart; the installer names its MAC addresses (``inst.ks.sendmac``)
``POST /install/disks``     disks as they are; 200 with `user_partition_info`, or 202: wait
``GET  /install/answer``    a waiting node asks again
``POST /install/event``     ``alive``, ``note …``, ``error …``
``POST /install/partitions`` disks after the install
``POST /install/finished``  boot from disk from now on
``GET  /pxe/MAC``           what a node's iPXE shall do: boot its installer, or go on to its disk
``GET  /pxe/TOKEN/kernel``  the installer's kernel, and ``initrd``
``GET  /health``            ``ok``, for monitoring
=========================== ======================================================================

Those below ``/install`` take the token as ``Authorization: Bearer``. Bodies are bounded in size and time before
anything looks at them; what is not in the table is 404; URLs are never logged, as some have the token in them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import InstallError, StoreError
from core.install.desk import FORBIDDEN, InstallDesk, Reply
from core.install.netboot import NetworkBoot
from core.install.reports import MOST_BYTES

log = logging.getLogger(__name__)

MOST_EVENT_BYTES = 4096
BODY_S = 30.0
"""Seconds a node may take to send a body."""

_MOST_MACS = 16
_BEARER = "bearer "
_BYTES = "application/octet-stream"


def make_app(desk: InstallDesk, boot: NetworkBoot) -> Starlette:
    """The service as an ASGI application."""

    async def kickstart(request: Request) -> Response:
        token = request.path_params["token"]
        return await _answer(lambda: desk.kickstart(token, _installer_macs(request)))

    def with_body(
        most_bytes: int, work: Callable[[str, tuple[str, ...], bytes], Reply]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            token, macs = _credentials(request)
            if not token:
                # No stranger's body is read at all.
                return _response(FORBIDDEN)
            body = await _body(request, most_bytes)
            return await _answer(lambda: work(token, macs, body)) if isinstance(body, bytes) else body

        return endpoint

    async def answer(request: Request) -> Response:
        token, macs = _credentials(request)
        return await _answer(lambda: desk.answer(token, macs))

    async def finished(request: Request) -> Response:
        token, macs = _credentials(request)
        return await _answer(lambda: desk.finished(token, macs))

    async def script(request: Request) -> Response:
        return await _answer(lambda: boot.script(request.path_params["mac"]))

    async def boot_file(request: Request) -> Response:
        token, name = request.path_params["token"], request.path_params["name"]
        if name not in ("kernel", "initrd"):
            return _response(FORBIDDEN)
        try:
            found = await run_in_threadpool(lambda: boot.file(token, name))
        except (InstallError, StoreError) as error:
            log.warning("the installer's %s could not be served: %s", name, error.sentence)
            return PlainTextResponse("try again\n", 503)
        return _response(found) if isinstance(found, Reply) else FileResponse(found, media_type=_BYTES)

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(
        routes=[
            Route("/ks/{token}", kickstart, methods=["GET"]),
            Route("/pxe/{mac}", script, methods=["GET"]),
            Route("/pxe/{token}/{name}", boot_file, methods=["GET"]),
            Route("/install/disks", with_body(MOST_BYTES, desk.disks), methods=["POST"]),
            Route("/install/answer", answer, methods=["GET"]),
            Route("/install/event", with_body(MOST_EVENT_BYTES, desk.event), methods=["POST"]),
            Route("/install/partitions", with_body(MOST_BYTES, desk.partitions), methods=["POST"]),
            Route("/install/finished", finished, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ]
    )


async def _answer(work: Callable[[], Reply]) -> Response:
    try:
        return _response(await run_in_threadpool(work))
    except StoreError as error:
        log.warning("a node could not be served: %s", error.sentence)
        return PlainTextResponse("try again\n", 503, headers={"Retry-After": "5"})


def _response(reply: Reply) -> Response:
    return PlainTextResponse(reply.body, reply.status, headers={"Cache-Control": "no-store"})


async def _body(request: Request, most_bytes: int) -> bytes | Response:
    """The body, or what to answer instead."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or len(announced) > 12 or int(announced) > most_bytes:
        return PlainTextResponse("too large\n", 413)
    taken = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                taken += chunk
                if len(taken) > most_bytes:
                    return PlainTextResponse("too large\n", 413)
    except TimeoutError:
        return PlainTextResponse("too slow\n", 408)
    except ClientDisconnect:
        return PlainTextResponse("", 400)
    return bytes(taken)


def _credentials(request: Request) -> tuple[str, tuple[str, ...]]:
    given = request.headers.get("authorization", "")
    token = given[len(_BEARER) :].strip() if given[: len(_BEARER)].lower() == _BEARER else ""
    return token, (request.headers.get("x-quarry-mac", ""),)


def _installer_macs(request: Request) -> tuple[str, ...]:
    """Anaconda's headers: ``X-RHN-Provisioning-Mac-0: eth0 00:16:3e:00:00:01``."""
    found = []
    for number in range(_MOST_MACS):
        words = request.headers.get(f"x-rhn-provisioning-mac-{number}", "").split()
        found += words[-1:]
    return tuple(found)
