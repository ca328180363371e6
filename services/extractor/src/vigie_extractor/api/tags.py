"""The validator that goes with an answer, for whoever will change what was answered."""

from typing import TypeVar

from fastapi import Response
from pydantic import BaseModel

from vigie_shared.conditional import etag_of

Document = TypeVar("Document", bound=BaseModel)


def tagged(response: Response, document: Document) -> Document:
    """The document, its `ETag` put into the headers of the response."""
    response.headers["ETag"] = etag_of(document)
    return document
