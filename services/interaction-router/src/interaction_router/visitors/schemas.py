"""What a visitor's page is told about the visitor."""

from pydantic import BaseModel

from interaction_router.ids import VisitorId


class NewVisitor(BaseModel):
    """A visitor and the token that makes her known again. It is shown this once; the page keeps it."""

    visitor_id: VisitorId
    token: str
