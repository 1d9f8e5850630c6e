"""Published questionnaires: once a version stands in the record it never changes."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, LargeBinary, Pool, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import audit
from surveys.database import Base, Json, now
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.definition import Questionnaire


class PublishedQuestionnaire(Base):
    """A workbook as it was published, and what it means as a definition."""

    __tablename__ = "questionnaires"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(32))
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    workbook: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[dt.datetime] = mapped_column(default=now)


def publish(session: Session, data: bytes, filename: str, actor: str) -> PublishedQuestionnaire:
    """Publish a workbook as a version of its questionnaire.

    Parameters
    ----------
    session : Session
        A writing session; the audit entry goes into the same transaction.
    data : bytes
        The workbook.
    filename : str
        Its name, for messages.
    actor : str
        Who publishes it.

    Returns
    -------
    PublishedQuestionnaire
        The one already there if the same workbook is published again.

    Raises
    ------
    Refused
        With every problem of the workbook, or if another one stands under its name and version.
    """
    from surveys.questionnaires import xlsform  # noqa: PLC0415  (pyxform: only for who publishes)

    questionnaire = xlsform.read(data, filename)
    sha256 = hashlib.sha256(data).hexdigest()
    standing = session.scalar(
        select(PublishedQuestionnaire).where(
            PublishedQuestionnaire.name == questionnaire.name,
            PublishedQuestionnaire.version == questionnaire.version,
        )
    )
    if standing is not None:
        if standing.sha256 == sha256:
            return standing
        raise Refused(
            Problem(
                N_(
                    "Version %(version)s of %(name)s is published and never changes; give the "
                    "changed workbook another version."
                ),
                {"name": questionnaire.name, "version": questionnaire.version},
                filename,
            )
        )
    published = PublishedQuestionnaire(
        name=questionnaire.name,
        version=questionnaire.version,
        definition=questionnaire.to_json(),
        workbook=data,
        sha256=sha256,
    )
    session.add(published)
    subject = f"{questionnaire.name} {questionnaire.version}"
    audit.record(session, actor, "questionnaire.publish", subject, sha256=sha256, file=filename)
    session.flush()
    return published


def latest(session: Session, name: str) -> PublishedQuestionnaire | None:
    """The version of a questionnaire published last."""
    return session.scalar(
        select(PublishedQuestionnaire)
        .where(PublishedQuestionnaire.name == name)
        .order_by(PublishedQuestionnaire.id.desc())
        .limit(1)
    )


# By pool: engines that read and write in different ways share theirs, and so one database.
_loaded: WeakKeyDictionary[Pool, dict[int, Questionnaire]] = WeakKeyDictionary()


def load(source: Session | Connection, questionnaire_id: int) -> Questionnaire:
    """The definition of a published version, kept in memory: it never changes.

    Raises
    ------
    KeyError
        If there is none of that id.
    """
    connection = source.connection() if isinstance(source, Session) else source
    known = _loaded.setdefault(connection.engine.pool, {})
    if questionnaire_id in known:
        return known[questionnaire_id]
    stored = connection.scalar(
        select(PublishedQuestionnaire.definition).where(
            PublishedQuestionnaire.id == questionnaire_id
        )
    )
    if stored is None:
        raise KeyError(questionnaire_id)
    questionnaire = Questionnaire.from_json(stored)
    # A writer may see what is rolled back later, and its id given to another version.
    if not connection.get_execution_options().get("minyi_writes", False):
        known[questionnaire_id] = questionnaire
    return questionnaire
