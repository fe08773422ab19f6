"""Problem details (RFC 9457): every refusal has a stable type, says what is wrong and what to do.

Tree of exceptions::

    Problem
    ├── NotFound            404  unknown and forbidden look the same
    ├── Conflict            409
    │   └── (domain problems that subclass it)
    ├── PreconditionFailed  412  somebody else changed it meanwhile
    ├── InvalidInput        422  names the field, the rule and the way out
    ├── Unauthenticated     401
    ├── Forbidden           403
    ├── TooManyRequests     429
    └── Unavailable         503  come again
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from careline.faults import causes, is_transient
from careline.tracing import current_trace_id

TYPE_BASE = "urn:careline:problem:"
MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger("careline.problems")


class FieldFault(BaseModel):
    """One field that breaks a rule."""

    field: str
    rule: str
    hint: str


class ProblemDetails(BaseModel):
    """The body of every refusal, as RFC 9457 has it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    trace_id: str | None = None
    errors: list[FieldFault] | None = None


class Problem(Exception):  # noqa: N818 -- the RFC calls it a problem
    """Base of all refusals. Subclasses set the class variables; extra fields go into the document."""

    status: ClassVar[int] = 500
    type_name: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **fields: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.fields = fields

    def document(self) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": TYPE_BASE + self.type_name,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "trace_id": current_trace_id(),
            **jsonable_encoder(self.fields),
        }

    def response(self) -> JSONResponse:
        """The answer that carries the document."""
        return JSONResponse(self.document(), self.status, self.headers, MEDIA_TYPE)


class NotFound(Problem):
    """There is no such thing, or it is not for the caller."""

    status = 404
    type_name = "not-found"
    title = "Not found"

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"There is no {kind} {identifier} that you may see.", kind=kind, id=identifier)


class Conflict(Problem):
    """The thing is not in a state that allows this."""

    status = 409
    type_name = "conflict"
    title = "Conflict"


class PreconditionFailed(Problem):
    """The version in If-Match is no longer the newest."""

    status = 412
    type_name = "changed-meanwhile"
    title = "Changed meanwhile"


class InvalidInput(Problem):
    """One field breaks a rule that only the service can check."""

    status = 422
    type_name = "invalid-input"
    title = "The input breaks a rule"

    def __init__(self, field: str, rule: str, hint: str) -> None:
        super().__init__(f"{field}: {rule}. {hint}", errors=[FieldFault(field=field, rule=rule, hint=hint)])


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is no longer good."""

    status = 401
    type_name = "unauthenticated"
    title = "Sign in first"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """The caller is known but lacks the right."""

    status = 403
    type_name = "forbidden"
    title = "Not allowed"


class TooManyRequests(Problem):
    """The caller should slow down."""

    status = 429
    type_name = "too-many-requests"
    title = "Too many requests"


class Unavailable(Problem):
    """Something this service needs is away for the moment."""

    status = 503
    type_name = "unavailable"
    title = "Not available for the moment"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class CarriedProblem(HTTPException):
    """A problem within the one exception that FastAPI lets through while it reads a body; others become a plain 400."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail)
        self.problem = problem


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an endpoint that may answer with these problems."""
    return {status: {"model": ProblemDetails, "description": HTTPStatus(status).phrase} for status in statuses}


def install_problem_handlers(app: FastAPI) -> None:
    """Render every exception of `app` as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unforeseen)
    for kind in (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, _sqlalchemy_error()):
        app.add_exception_handler(kind, _on_database)


def _sqlalchemy_error() -> type[Exception]:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 -- keeps the module light for those without an ORM

    return SQLAlchemyError


async def _on_problem(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, Problem)  # noqa: S101 -- Starlette hands over what was registered
    return fault.response()


async def _on_validation(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)  # noqa: S101
    errors = fault.errors()
    broken = next((error for error in errors if error["type"] == "json_invalid"), None)
    status = 400 if broken else 422
    faults = [
        FieldFault(field=_field_name(error["loc"]), rule=error["type"], hint=str(error["msg"])) for error in errors
    ]
    document = {
        "type": TYPE_BASE + ("broken-json" if broken else "invalid-input"),
        "title": "The body is not JSON" if broken else InvalidInput.title,
        "status": status,
        "detail": "; ".join(f"{item.field}: {item.hint}" for item in faults),
        "trace_id": current_trace_id(),
        "errors": [item.model_dump() for item in faults],
    }
    return JSONResponse(document, status, media_type=MEDIA_TYPE)


def _field_name(location: tuple[int | str, ...]) -> str:
    steps = location[1:] if len(location) > 1 and location[0] in {"body", "query", "path", "header"} else location
    return ".".join(str(step) for step in steps)


async def _on_http(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101
    if isinstance(fault, CarriedProblem):
        return fault.problem.response()
    document = {
        "type": "about:blank",
        "title": HTTPStatus(fault.status_code).phrase,
        "status": fault.status_code,
        "detail": str(fault.detail),
        "trace_id": current_trace_id(),
    }
    return JSONResponse(document, fault.status_code, dict(fault.headers or {}), MEDIA_TYPE)


async def _on_database(request: Request, fault: Exception) -> Response:
    for cause in causes(fault):
        if isinstance(cause, asyncpg.DataError | asyncpg.exceptions.DataError):
            # A value that PostgreSQL cannot hold (a NUL in a text, a number out of range) is the sender's.
            return InvalidInput("body", "not storable", "Remove NUL characters and out-of-range numbers.").response()
    if is_transient(fault):
        _log.warning("database.away", reason=type(fault).__name__, route=_route(request))
        return Unavailable("The database does not answer. Nothing was changed; try again.").response()
    return await _on_unforeseen(request, fault)


async def _on_unforeseen(request: Request, fault: Exception) -> Response:
    _log.error("request.failed", route=_route(request), exc_info=fault)
    return Problem("This is our fault. The trace id finds it in our logs.").response()


def _route(request: Request) -> str:
    """The route without what stands in it: a path may hold a token that opens something."""
    return str(getattr(request.scope.get("route"), "path", "unmatched"))
