"""A bare ASGI app on uvicorn that gives one ready answer to whatever it is asked: `one_answer.py PORT FILE`.

FILE holds the answer as JSON: `status`, `headers` (pairs of texts) and `body` (in base64). uvicorn runs as it comes,
without a log of accesses and without its own header `server`, as it does in Vigie.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send


def main(port: int, file: Path) -> None:
    """Serve until asked to stop."""
    answer: dict[str, Any] = json.loads(file.read_text())
    status: int = answer["status"]
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer["headers"]]
    body = base64.b64decode(answer["body"])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(app, port=port, lifespan="off", log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
