"""The headers of a changing call that say which state of a thing the change is meant for."""

from typing import Annotated

from fastapi import Depends, Header

from vigie_shared.conditional import Precondition

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The `ETag` that was read: change the thing only while it is still that one"),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="`*`: add the thing only where there is none")
]


def _of_headers(if_match: IfMatch = None, if_none_match: IfNoneMatch = None) -> Precondition:
    return Precondition(if_match, if_none_match)


Expected = Annotated[Precondition, Depends(_of_headers)]
"""The precondition of a request. What takes it answers 412 where it does not hold."""
