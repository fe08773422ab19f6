"""The directory: people who work here, sign-in, tokens and partner clients."""

from fastapi import FastAPI

from careline.app import Parts, create_service
from careline.clock import Clock
from careline.settings import ServiceSettings
from directory import consumers
from directory.business_time.endpoints import router as business_time
from directory.calendars.endpoints import router as calendars
from directory.clients.endpoints import router as clients
from directory.departments.endpoints import router as departments
from directory.events import CATALOGUE
from directory.jobs import loops
from directory.leavings.endpoints import router as leavings
from directory.people.endpoints import router as people
from directory.resources import open_resources
from directory.sessions.endpoints import router as sessions
from directory.tokens.endpoints import router as tokens
from directory.tokens.errors import OAuthError, answer_oauth_error

SMALL_BODY_BYTES = 16 * 1024


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    parts = Parts(
        title="Careline directory",
        routers=[sessions, tokens, people, leavings, departments, calendars, business_time, clients],
        catalogue=CATALOGUE,
        resources=open_resources,
        consumers=lambda service, _: consumers.consumers(service),
        loops=loops,
        body_limits={"/v1/session": SMALL_BODY_BYTES, "/oauth/token": SMALL_BODY_BYTES},
    )
    app = create_service(settings, parts, clock=clock)
    app.add_exception_handler(OAuthError, answer_oauth_error)
    return app
