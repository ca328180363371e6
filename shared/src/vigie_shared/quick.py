"""Has uvicorn send ready answers straight from its parser of requests."""

from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vigie_shared.ready import AtOnce


def quick_protocol(at_once: AtOnce) -> type[HttpToolsProtocol]:
    """uvicorn's own HTTP protocol, except that what can be answered at once is, without a task.

    Only the plain case is taken: a `GET` over HTTP/1.1 on a connection that stays open and has nothing else in hand.
    """

    class QuickProtocol(HttpToolsProtocol):
        _answered = False

        def on_message_begin(self) -> None:
            self._answered = False
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._answered = self._plain() and self._answer()
            if not self._answered:
                super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            if not self._answered:
                super().on_body(body)

        def on_message_complete(self) -> None:
            if self._answered:
                self.on_response_complete()
            else:
                super().on_message_complete()

        def _plain(self) -> bool:
            parser = self.parser
            return (
                parser.get_method() == b"GET"
                and parser.get_http_version() == "1.1"
                and parser.should_keep_alive()
                and not parser.should_upgrade()
                and not self.expect_100_continue
                and not self.flow.write_paused
                and (self.cycle is None or self.cycle.response_complete)
                and not self.transport.is_closing()
            )

        def _answer(self) -> bool:
            path = self.url.partition(b"?")[0].decode("latin-1")
            answer = at_once(unquote(path) if "%" in path else path, self.headers)
            if answer is None:
                return False
            defaults = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
            self.transport.write(b"".join((answer.head, *defaults, b"\r\n", answer.body)))
            return True

    return QuickProtocol
