"""What OpenAPI says beyond what FastAPI finds out by itself: refusals are problem documents, and who may ask."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from careline.problems import MEDIA_TYPE, ProblemDetails, problem_responses

_SECURITY = {
    "careline": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the directory, or of the OpenID Connect issuer that is trusted.",
    }
}
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}


def describe(app: FastAPI) -> None:
    """Make `app` describe its refusals and its scopes."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas.setdefault("ProblemDetails", ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}"))
    scopes = _scopes(app)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scope = scopes.get((method.upper(), path))
            if scope is not None:
                components["securitySchemes"] = _SECURITY
                operation["security"] = [{"careline": [scope]}]
                for status, response in problem_responses(401, 403).items():
                    operation["responses"].setdefault(str(status), {"description": response["description"]})
            for status, response in operation["responses"].items():
                if status >= "400" and _is_problem(response):
                    response["content"] = _PROBLEM
    return document


def _scopes(app: FastAPI) -> dict[tuple[str, str], str]:
    """The scope that each operation requires."""
    found: dict[tuple[str, str], str] = {}
    for route in iter_route_contexts(app.routes):
        scope = required_scope(getattr(route, "dependant", None))
        if scope is not None:
            found |= {(method, route.path or ""): scope for method in route.methods or ()}
    return found


def required_scope(dependant: Any) -> str | None:
    """What `careline.auth.requires` left on a dependency, however deep it lies."""
    if dependant is None:
        return None
    scope: str | None = getattr(dependant.call, "required_scope", None)
    return scope or next(filter(None, map(required_scope, dependant.dependencies)), None)


def _is_problem(response: dict[str, Any]) -> bool:
    """A refusal is a problem document unless the endpoint declares another kind: as OAuth does, or a page."""
    for media_type, content in response.get("content", {}).items():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if name not in {"", "ProblemDetails", "HTTPValidationError"} or (not name and media_type != "application/json"):
            return False
    return True
