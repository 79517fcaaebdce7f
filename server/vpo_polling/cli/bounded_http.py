"""uvicorn's fast parser, with the bound that it lacks: a head of any length would be kept until it ends."""

from __future__ import annotations

import math

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 64 * 1024
"""Bytes of a request line and its headers, give or take what is received at a time."""


class BoundedHttp(HttpToolsProtocol):
    _head = 0.0

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._head > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response(f"The headers are larger than {MAX_HEAD} bytes.")

    def on_message_begin(self) -> None:
        self._head = 0.0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        # What follows is a body, whose size is others' business.
        self._head = -math.inf
        super().on_headers_complete()
