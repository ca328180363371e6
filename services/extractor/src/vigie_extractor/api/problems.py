"""The problem documents that a call can answer with, as its OpenAPI description lists them."""

from typing import Any

from vigie_extractor.api.documents import Problem
from vigie_extractor.api.extraction_documents import CriteriaProblem

_MEANINGS = {
    401: "Not signed in",
    403: "Signed in, but without the right",
    404: "Not there, or not yours",
    412: "It was changed since it was read; `ETag` says what it is now",
    409: "The state of things does not allow it",
    422: "Understood, but wrong",
    429: "Slow down; Retry-After says for how long",
    503: "Something that is needed does not answer; try again",
}


Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int, criteria: bool = False) -> Responses:
    """Responses of a call that answers these statuses with problem documents; every call may answer 401, 403, 503.

    `criteria`: a 409 of this call may list the failing criteria of R8.
    """
    answers: Responses = {}
    for status in sorted({401, 403, 503, *statuses}):
        model = CriteriaProblem if criteria and status == 409 else Problem
        answers[status] = {
            "description": _MEANINGS[status],
            "content": {"application/problem+json": {"schema": model.model_json_schema()}},
        }
    return answers
