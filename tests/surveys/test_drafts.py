"""A resident's unfinished answers: nothing typed is lost, and nothing overwritten unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from surveys import drafts
from surveys.drafts import Draft, OpenDraft, Saved
from surveys.office import Office
from surveys.problems import Refused
from surveys.responses import HeldResponse, Receipt, Response
from surveys.sampling import invitations
from surveys.sampling.units import SampledUnit
from tests.support import record
from tests.support.record import MOMENT, Small


@pytest.fixture
def small(office: Office) -> Small:
    return record.begin(office)


@pytest.fixture
def token(office: Office, small: Small) -> str:
    return begin(office, small, small.units[0])


def begin(office: Office, small: Small, unit_id: int | None) -> str:
    with office.database.write_connection() as connection:
        return drafts.start(
            connection,
            wave_id=small.wave_id,
            community_id=small.east,
            unit_id=unit_id,
            stream="sample" if unit_id else "open",
            mode="web",
            language="zh",
            elder=False,
            now=MOMENT,
        )


def load(office: Office, token: str) -> OpenDraft:
    with office.database.read_connection() as connection:
        draft = drafts.load(connection, token)
    assert draft is not None
    return draft


def save(
    office: Office, draft: OpenDraft, seen: int | None = None, *, force: bool = False, **values: str
) -> Saved:
    """Save a page that was made from the draft, unless it was made from an earlier version."""
    version = draft.version if seen is None else seen
    with office.database.single_statements() as connection, office.database.turn():
        return drafts.save(connection, draft, values, version, force=force)


def show(office: Office, draft: OpenDraft, *names: str) -> OpenDraft:
    with office.database.write_connection() as connection:
        return drafts.note_shown(connection, draft, names)


def submit(office: Office, draft: OpenDraft) -> Receipt:
    with office.database.write_connection() as connection:
        return drafts.submit(connection, draft)


def test_a_draft_opens_by_its_token_which_is_stored_nowhere(
    office: Office, small: Small, token: str
) -> None:
    draft = load(office, token)
    assert len(token) == 43  # 256 bits
    assert (draft.wave_code, draft.wave_state, draft.wave_synthetic) == ("2026-11", "open", False)
    assert (draft.community_code, draft.community_zh) == ("east", "东村")
    assert (draft.unit_id, draft.stream, draft.started_at) == (small.units[0], "sample", MOMENT)
    with office.database.read() as session:
        row = session.execute(sa.select(Draft.__table__)).one()
    assert token not in map(str, row)


@pytest.mark.parametrize("wrong", ["", "x" * 43, "令牌"])
def test_a_token_that_was_never_given_opens_nothing(office: Office, wrong: str) -> None:
    with office.database.read_connection() as connection:
        assert drafts.load(connection, wrong) is None


def test_answers_saved_page_by_page_are_there_when_the_draft_is_opened_again(
    office: Office, token: str
) -> None:
    first = save(office, load(office, token), S1="yes").draft
    second = save(office, first, K1="no").draft
    assert load(office, token) == second
    assert second.answers == {"S1": "yes", "K1": "no"}
    assert second.revisions == {"S1": 1, "K1": 2}


def test_saving_what_stands_there_already_writes_nothing(office: Office, token: str) -> None:
    draft = save(office, load(office, token), S1="yes").draft
    assert save(office, draft, S1="yes") == Saved(draft, {})


def test_a_stale_page_conflicts_only_where_that_answer_changed(office: Office, token: str) -> None:
    page = load(office, token)  # both tabs show the page as it was at version 0
    save(office, page, S1="yes", K1="yes")
    saved = save(office, page, S1="yes", K1="no", Z1="no")
    assert saved.conflicts == {"K1": ("yes", "no")}
    assert load(office, token).answers == {"S1": "yes", "K1": "yes", "Z1": "no"}


def test_a_page_shown_after_the_change_does_not_conflict(office: Office, token: str) -> None:
    draft = save(office, load(office, token), K1="yes").draft
    assert save(office, draft, K1="no").conflicts == {}
    assert load(office, token).answers == {"K1": "no"}


def test_a_stale_page_of_another_question_does_not_conflict(office: Office, token: str) -> None:
    page = load(office, token)
    save(office, page, S1="yes")
    assert save(office, page, K1="no").conflicts == {}
    assert load(office, token).answers == {"S1": "yes", "K1": "no"}


def test_an_answer_taken_back_in_another_tab_conflicts_too(office: Office, token: str) -> None:
    page = save(office, load(office, token), K1="yes").draft
    save(office, page, K1="")
    assert save(office, page, K1="no").conflicts == {"K1": ("", "no")}


def test_whoever_has_seen_both_answers_may_choose(office: Office, token: str) -> None:
    page = load(office, token)
    save(office, page, K1="yes")
    assert save(office, page, force=True, K1="no").conflicts == {}
    assert load(office, token).answers == {"K1": "no"}


def test_tabs_that_save_at_once_lose_nothing(office: Office, token: str) -> None:
    names = [f"Q{number}" for number in range(12)]
    page = load(office, token)
    with ThreadPoolExecutor(6) as pool:
        saved = list(pool.map(lambda name: save(office, page, **{name: "yes"}), names))
    assert not any(one.conflicts for one in saved)
    draft = load(office, token)
    assert draft.answers == dict.fromkeys(names, "yes")
    assert sorted(draft.revisions.values()) == list(range(1, 13))


def test_of_tabs_that_answer_one_question_at_once_one_is_stored_and_the_others_conflict(
    office: Office, token: str
) -> None:
    page = load(office, token)
    with ThreadPoolExecutor(5) as pool:
        saved = list(pool.map(lambda number: save(office, page, K1=str(number)), range(5)))
    stored = load(office, token).answers["K1"]
    assert sorted(one.conflicts["K1"] for one in saved if one.conflicts) == [
        (stored, str(number)) for number in range(5) if str(number) != stored
    ]


def test_an_answer_is_read_only_once_a_later_question_has_given_it_away(
    office: Office, token: str
) -> None:
    early = save(office, load(office, token), S1="yes", K1="no").draft
    shown = show(office, early, "Z1")
    for page in (early, shown):  # a page from before, too
        assert save(office, page, K1="yes", S1="yes", force=True).conflicts == {}
    assert load(office, token).answers == {"S1": "yes", "K1": "no"}
    save(office, shown, Z1="yes")
    assert load(office, token).answers["Z1"] == "yes"


def test_a_question_that_freezes_nothing_new_is_noted_once(office: Office, token: str) -> None:
    shown = show(office, load(office, token), "Z1")
    assert show(office, shown, "Z1") == shown
    assert load(office, token).shown == ["Z1"]


def test_what_is_shown_and_what_is_saved_at_once_are_both_kept(office: Office, token: str) -> None:
    page = load(office, token)
    save(office, page, S1="yes")
    show(office, page, "Z1")
    draft = load(office, token)
    assert (draft.answers, draft.shown) == ({"S1": "yes"}, ["Z1"])


def test_language_and_type_size_are_remembered_beside_the_answers(
    office: Office, token: str
) -> None:
    page = load(office, token)
    with office.database.write_connection() as connection:
        drafts.prefer(connection, page, language="en")
        drafts.prefer(connection, page, elder=True)
    draft = load(office, token)
    assert (draft.elder, draft.version) == (True, page.version)
    assert save(office, page, S1="yes").conflicts == {}


def test_a_submitted_draft_leaves_a_response_and_no_answers(office: Office, token: str) -> None:
    draft = save(office, load(office, token), S1="yes", K1="", Z1="no").draft
    receipt = submit(office, draft)
    with office.database.read() as session:
        response = session.scalars(sa.select(Response)).one()
    assert receipt == Receipt("stored", None, response.id, eligible=True)
    assert response.answers == {"S1": "yes", "K1": "-2", "Z1": "no"}
    assert (response.seed, response.instance_id) == (draft.seed, draft.instance_id)
    assert response.started_at == MOMENT
    after = load(office, token)
    assert (after.answers, after.revisions, after.outcome) == ({}, {}, "complete")
    assert after.submitted_at == response.submitted_at


def test_submitting_again_gives_the_same_receipt(office: Office, token: str) -> None:
    draft = save(office, load(office, token), S1="yes").draft
    first = submit(office, draft)
    assert submit(office, draft) == first
    assert submit(office, load(office, token)) == first


def test_a_double_click_gives_two_equal_receipts_and_one_response(
    office: Office, token: str
) -> None:
    draft = save(office, load(office, token), S1="yes").draft
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda _: submit(office, draft), range(4)))
    assert len(set(receipts)) == 1
    with office.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(HeldResponse)) == 0


def test_what_is_still_missing_is_said_and_the_draft_stays_open(office: Office, token: str) -> None:
    draft = save(office, load(office, token), K1="yes").draft
    with pytest.raises(Refused) as refused:
        submit(office, draft)
    assert [problem.where for problem in refused.value.problems] == ["S1"]
    assert load(office, token) == draft


def test_someone_ineligible_is_thanked_and_kept_apart(office: Office, token: str) -> None:
    draft = save(office, load(office, token), S1="no").draft
    receipt = submit(office, draft)
    assert (receipt.status, receipt.eligible) == ("stored", False)
    assert submit(office, draft) == receipt
    assert load(office, token).outcome == "ineligible"


@pytest.mark.parametrize("screening", ["yes", "no"])
def test_a_draft_submitted_after_the_close_is_held_whole(
    office: Office, small: Small, token: str, screening: str
) -> None:
    draft = save(office, load(office, token), S1=screening).draft
    record.close(office, small.wave_id)
    receipt = submit(office, draft)
    assert receipt == Receipt("held", "late", None, eligible=screening == "yes")
    assert submit(office, draft) == receipt
    after = load(office, token)
    assert (after.answers, after.outcome) == ({}, "held")


def test_a_housemate_who_starts_afresh_is_held_as_second(
    office: Office, small: Small, token: str
) -> None:
    submit(office, save(office, load(office, token), S1="yes").draft)
    other = begin(office, small, small.units[0])
    receipt = submit(office, save(office, load(office, other), S1="yes").draft)
    assert (receipt.status, receipt.reason) == ("held", "second")


def test_nothing_is_saved_once_the_answers_are_in(office: Office, token: str) -> None:
    page = save(office, load(office, token), S1="yes").draft
    submit(office, page)
    saved = save(office, page, Z1="no")
    assert saved.draft.submitted_at is not None
    assert saved == Saved(load(office, token), {})


def test_what_another_tab_saved_is_submitted_too(office: Office, token: str) -> None:
    page = save(office, load(office, token), S1="yes").draft
    save(office, page, Z1="no")
    submit(office, page)
    with office.database.read() as session:
        assert session.scalars(sa.select(Response)).one().answers["Z1"] == "no"


def test_revoking_a_code_stops_its_drafts_and_keeps_their_answers(
    office: Office, small: Small, token: str
) -> None:
    other, finished = begin(office, small, small.units[1]), begin(office, small, None)
    before = save(office, load(office, token), S1="yes").draft
    submit(office, save(office, load(office, finished), S1="yes").draft)
    with office.database.write() as session:
        unit = session.get_one(SampledUnit, small.units[0])
        invitations.revoke(session, unit, "chen")
        invitations.reissue(session, office.keys, unit, "chen")  # for the new slip, not this draft
    # Someone who had the page open presses Continue, and someone tries to submit.
    late = save(office, before, K1="yes")
    assert not late.draft.is_open
    with pytest.raises(Refused, match="revoked"):
        submit(office, before)
    assert load(office, token).is_revoked
    assert load(office, token).answers == {"S1": "yes"}
    assert load(office, other).is_open
    assert not load(office, finished).is_revoked
