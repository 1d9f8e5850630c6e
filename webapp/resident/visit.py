"""A visit: someone's draft, the questionnaire it answers, and how far they have come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import g
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from surveys import drafts
from surveys.questionnaires import published, routing
from surveys.questionnaires.definition import Page, Question, Questionnaire
from webapp.i18n import set_language
from webapp.office import office
from webapp.resident.dead_ends import stop_after_revocation


@dataclass(frozen=True)
class Visit:
    """Where someone stands. A page is passed once each of its questions has an entry.

    A posted page leaves an entry for everything it showed, empty where nothing was answered; so the
    draft alone says how far its owner has come, and no page ahead of that can be opened.
    """

    draft: drafts.OpenDraft
    questionnaire: Questionnaire
    token: str

    @classmethod
    def find(cls, token: str) -> Visit:
        """The visit of a token, in the language and size its owner chose."""
        with office().database.read_connection() as connection:
            return cls.read(connection, token)

    @classmethod
    def read(cls, connection: Connection, token: str) -> Visit:
        """The same on a connection that is open already."""
        draft = drafts.load(connection, token)
        if draft is None:
            raise NotFound
        questionnaire = published.load(connection, draft.questionnaire_id)
        set_language(draft.language)
        g.elder = draft.elder
        if draft.is_revoked:
            stop_after_revocation()
        return cls(draft, questionnaire, token)

    @property
    def is_over(self) -> bool:
        """Whether the answers have been sent."""
        return self.draft.submitted_at is not None

    @property
    def is_eligible(self) -> bool:
        """Whether there is no answer yet that rules them out."""
        return routing.is_eligible(self.questionnaire, self.draft.answers) is not False

    @cached_property
    def way(self) -> routing.Walk:
        """The present path."""
        return routing.walk(self.questionnaire, self.draft.answers)

    @property
    def steps(self) -> tuple[tuple[Page, tuple[Question, ...]], ...]:
        """Every page on the present path with what it asks."""
        return self.way.steps

    @cached_property
    def due(self) -> Page | None:
        """The first page not yet passed; None when all are."""
        answered = self.draft.answers
        for page, questions in self.steps:
            if not all(question.name in answered for question in questions):
                return page
        return None

    def page(self, name: str) -> Page | None:
        """The page of a name, if it is on the path and nothing before it is due."""
        for page, _ in self.steps:
            if page.name == name:
                return page
            if page is self.due:
                break
        return None

    def position(self, page: Page) -> tuple[int, int | None]:
        """Which page of how many this is, on the present path.

        Before the screening is answered nobody knows of how many.
        """
        pages = [one for one, _ in self.steps]
        is_known = routing.is_eligible(self.questionnaire, self.draft.answers) is not None
        return pages.index(page) + 1, len(pages) if is_known else None

    def asked(self, page: Page) -> list[Question]:
        """What a page asks, in the order in which this person sees it."""
        relevant = self.way.asked(page.name)
        return [one for one in routing.order(page, self.draft.seed) if one in relevant]

    def is_changeable(self, question: Question) -> bool:
        """Whether a question asks something and may still be answered otherwise."""
        return question.asks and question.name not in self.frozen

    def following(self, page: Page) -> Page | None:
        """The page after one; None after the last."""
        return self.way.following(self.questionnaire, page.name)

    def preceding(self, page: Page) -> Page | None:
        """The page before one; None before the first."""
        return self.way.preceding(self.questionnaire, page.name)

    @cached_property
    def frozen(self) -> set[str]:
        """Questions passed whose answers a later question, once shown, has fixed."""
        return routing.frozen(self.questionnaire, self.draft.shown) & self.draft.answers.keys()
