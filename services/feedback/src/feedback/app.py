"""The feedback service: follow-up surveys, and complaints that nobody can forget."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI

from careline.app import Parts, Service, create_service
from careline.background import Loop, Periodic
from careline.clients import ServiceClient
from careline.clock import Clock
from careline.settings import ServiceSettings
from careline.wakeups import Wakeup
from feedback import rates
from feedback.answers import cases
from feedback.answers.endpoints import router as low_scores
from feedback.answers.mail import MailAnswers
from feedback.answers.service import Answering
from feedback.complaints import wiring as complaints
from feedback.complaints.cors import FormCors, allowed_origins
from feedback.consumers import consumers
from feedback.contents import surveys as survey_contents
from feedback.contents.endpoints import router as contents
from feedback.events import CATALOGUE
from feedback.invitations.endpoints import public as survey_links
from feedback.invitations.endpoints import router as invitations
from feedback.invitations.tokens import Links
from feedback.metrics.endpoints import router as metrics
from feedback.sampling.drawer import Drawer
from feedback.sampling.endpoints import router as sampling
from feedback.settings import Settings
from feedback.surveys.endpoints import router as surveys
from feedback.surveys.service import Surveys

PRUNE_SECONDS = 600.0
CASES_EVERY_SECONDS = 30.0


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    app = create_service(
        settings,
        Parts(
            title="Careline feedback",
            routers=[survey_links, invitations, surveys, low_scores, sampling, metrics, contents, *complaints.ROUTERS],
            catalogue=CATALOGUE,
            resources=_resources,
            consumers=lambda service, state: [
                *consumers(service, state["closed"], state["replied"], complaints.of_care(service, state)),
                *complaints.consumers(service),
            ],
            loops=_loops,
        ),
        clock=clock,
    )
    app.add_middleware(FormCors, origins=allowed_origins(cast("Settings", settings)))
    return app


@asynccontextmanager
async def _resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    settings = cast("Settings", service.settings)
    async with AsyncExitStack() as stack:
        profile = ServiceClient(settings, settings.profile_url)
        stack.push_async_callback(profile.close)
        router = ServiceClient(settings, settings.router_url)
        stack.push_async_callback(router.close)
        books = Surveys()
        answering = Answering(service, books)
        closed, replied = Wakeup(), Wakeup()
        links = Links(settings.link_key.get_secret_value(), settings.public_url)
        complaint_state = complaints.state(service, profile, router)
        yield {
            **complaint_state,
            "profile": profile,
            "links": links,
            "tellers": {"inv": survey_contents.teller(links)} | complaints.tellers(complaint_state["word_links"]),
            "surveys": books,
            "answering": answering,
            "closed": closed,
            "replied": replied,
            "drawer": Drawer(service, profile, closed),
            "mail_answers": MailAnswers(answering, router, replied),
        }


def _loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    drawer: Drawer = state["drawer"]
    mail: MailAnswers = state["mail_answers"]

    async def prune() -> None:
        async with service.database.write_raw() as connection:
            await rates.prune(connection, service.clock.now())
        await mail.prune()

    async def open_cases() -> None:
        while await cases.catch_up(service, state["surveys"]):
            pass

    return [
        Loop("sampling", drawer.run),
        Loop("mail-answers", mail.run),
        Periodic("low-scores", CASES_EVERY_SECONDS, open_cases),
        Periodic("prune", PRUNE_SECONDS, prune),
        *complaints.loops(service, state),
    ]
