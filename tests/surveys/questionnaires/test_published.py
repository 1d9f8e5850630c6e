"""Publishing: a version, once in the record, never changes."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from surveys.audit import AuditEntry
from surveys.database import Database
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.questionnaires.published import PublishedQuestionnaire
from tests.support.workbooks import INDICATORS, SETTINGS, questionnaire, single, workbook

TRIAL = workbook(indicators=INDICATORS)
CHANGED = workbook()
SECOND = workbook(settings=(SETTINGS[0], ("试卷", "trial", "2", "中文 (zh)", None)))


def publish(database: Database, data: bytes) -> int:
    with database.write() as session:
        return published.publish(session, data, "trial.xlsx", "li").id


def test_a_published_questionnaire_reads_as_its_workbook(database: Database) -> None:
    one = publish(database, TRIAL)
    with database.read() as session:
        assert published.load(session, one) == questionnaire(indicators=INDICATORS)
        stored = session.get_one(PublishedQuestionnaire, one)
        assert stored.workbook == TRIAL
        assert stored.sha256 == hashlib.sha256(TRIAL).hexdigest()


def test_texts_keep_the_order_of_languages_in_every_database(database: Database) -> None:
    one = publish(database, TRIAL)
    with database.read() as session:
        assert list(published.load(session, one).question("adult").label) == ["zh", "en"]


def test_publishing_the_same_workbook_again_has_no_second_effect(database: Database) -> None:
    assert publish(database, TRIAL) == publish(database, TRIAL)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count(PublishedQuestionnaire.id))) == 1
        assert session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 1


def test_another_workbook_under_a_published_version_is_refused(database: Database) -> None:
    one = publish(database, TRIAL)
    with pytest.raises(Refused, match="Version 1 of trial is published and never changes"):
        publish(database, CHANGED)
    with database.read() as session:
        assert session.get_one(PublishedQuestionnaire, one).workbook == TRIAL


def test_a_faulty_workbook_publishes_nothing(database: Database) -> None:
    with pytest.raises(Refused):
        publish(database, workbook(single(("geopoint", "where", "Where?")), None, None))
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count(PublishedQuestionnaire.id))) == 0
        assert session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 0


def test_publishing_leaves_a_line_in_the_trail(database: Database) -> None:
    publish(database, TRIAL)
    with database.read() as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.actor, entry.action, entry.subject) == ("li", "questionnaire.publish", "trial 1")
    assert entry.detail["sha256"] == hashlib.sha256(TRIAL).hexdigest()


def test_the_latest_version_is_the_one_published_last(database: Database) -> None:
    with database.read() as session:
        assert published.latest(session, "trial") is None
    publish(database, TRIAL)
    second = publish(database, SECOND)
    with database.read() as session:
        latest = published.latest(session, "trial")
        assert latest is not None
        assert (latest.id, latest.version) == (second, "2")


def test_a_definition_is_read_from_the_database_once(database: Database) -> None:
    one = publish(database, TRIAL)
    with database.read() as session, database.read_connection() as connection:
        assert published.load(session, one) is published.load(connection, one)


def test_what_was_rolled_back_is_not_remembered(database: Database) -> None:
    with database.write() as session:
        first = published.publish(session, TRIAL, "trial.xlsx", "li").id
        assert published.load(session, first).version == "1"
        session.connection().get_transaction().rollback()  # type: ignore[union-attr]
    second = publish(database, SECOND)
    with database.read() as session:
        assert published.load(session, second).version == "2"


def test_an_unknown_questionnaire_is_a_mistake_of_the_caller(database: Database) -> None:
    with database.read() as session, pytest.raises(KeyError):
        published.load(session, 99)
