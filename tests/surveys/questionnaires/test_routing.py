"""Routing: pages come and go with the answers, and stale answers do not count."""

from __future__ import annotations

import pytest

from surveys.questionnaires import routing
from surveys.questionnaires.definition import Page, Questionnaire
from tests.support.workbooks import CHOICES, SETTINGS, questionnaire, single

COLUMNS = ("type", "name", "label", "relevant", "required", "appearance")


@pytest.fixture(scope="module")
def housing() -> Questionnaire:
    """Screening, a question that depends on another that depends on a third, and a group."""
    return questionnaire(
        single(
            ("select_one yes_no", "adult", "18?", None, "yes"),
            ("select_one yes_no", "owner", "Owner?"),
            ("select_one yes_no", "lets", "Do you let it?", "${owner} = 'yes'"),
            ("integer", "tenants", "How many tenants?", "${lets} = 'yes'"),
            ("begin_group", "house", "The house", "${owner} = 'yes'", None, "shuffle"),
            ("integer", "floors", "Floors?"),
            ("integer", "rooms", "Rooms?"),
            ("select_one yes_no", "garden", "A garden?"),
            ("text", "trees", "Which trees?", "${garden} = 'yes'"),
            ("end_group",),
            ("note", "thanks", "That was all."),
            columns=COLUMNS,
        ),
        CHOICES,
        settings=SETTINGS,
    )


def names(pages: list[Page]) -> list[str]:
    return [page.name for page in pages]


def test_a_question_that_depends_on_its_own_page_starts_a_new_one(housing: Questionnaire) -> None:
    assert [[question.name for question in page.questions] for page in housing.pages] == [
        *(["adult"], ["owner"], ["lets"], ["tenants"]),
        *(["floors", "rooms", "garden"], ["trees"], ["thanks"]),
    ]
    assert names(list(housing.pages))[4:6] == ["house", "trees"]
    assert housing.page("trees").title == housing.page("house").title


def test_the_path_ends_where_screening_is_not_passed(housing: Questionnaire) -> None:
    assert names(routing.path(housing, {})) == ["adult"]
    assert names(routing.path(housing, {"adult": "no", "owner": "yes"})) == ["adult"]
    assert names(routing.path(housing, {"adult": "yes"})) == ["adult", "owner", "thanks"]


def test_an_answer_that_is_off_the_path_opens_nothing(housing: Questionnaire) -> None:
    answers = {"adult": "yes", "owner": "yes", "lets": "yes", "garden": "yes"}
    assert names(routing.path(housing, answers)) == [
        *("adult", "owner", "lets", "tenants", "house", "trees", "thanks"),
    ]
    answers["owner"] = "no"
    assert names(routing.path(housing, answers)) == ["adult", "owner", "thanks"]
    assert routing.asked(housing, housing.page("tenants"), answers) == ()


def test_a_skipped_answer_is_no_answer(housing: Questionnaire) -> None:
    answers = {"adult": "yes", "owner": "-2"}
    assert names(routing.path(housing, answers)) == ["adult", "owner", "thanks"]


def test_next_and_previous_pages_are_found_even_from_off_the_path(housing: Questionnaire) -> None:
    answers = {"adult": "yes", "owner": "no"}
    following = routing.following(housing, answers, "tenants")
    preceding = routing.preceding(housing, answers, "tenants")
    assert following is not None
    assert preceding is not None
    assert (preceding.name, following.name) == ("owner", "thanks")
    assert routing.following(housing, answers, "thanks") is None
    assert routing.preceding(housing, answers, "adult") is None


def test_an_unknown_page_is_a_mistake_of_the_caller(housing: Questionnaire) -> None:
    with pytest.raises(KeyError):
        routing.following(housing, {}, "cellar")


def test_one_resumes_at_the_first_question_neither_answered_nor_passed_over(
    housing: Questionnaire,
) -> None:
    def resumed(answers: dict[str, str], *seen: str) -> str | None:
        page = routing.first_unanswered(housing, answers, seen)
        return page and page.name

    assert resumed({}) == "adult"
    assert resumed({}, "adult") == "adult"  # it is required
    assert resumed({"adult": "yes"}) == "owner"
    assert resumed({"adult": "yes", "owner": "yes"}) == "lets"
    assert resumed({"adult": "yes", "owner": "yes"}, "lets") == "house"
    assert resumed({"adult": "yes"}, "owner") is None
    assert resumed({"adult": "no"}) is None


def test_eligibility_is_open_until_screening_is_answered(housing: Questionnaire) -> None:
    assert routing.is_eligible(housing, {"owner": "yes"}) is None
    assert routing.is_eligible(housing, {"adult": "-2"}) is None
    assert routing.is_eligible(housing, {"adult": "no"}) is False
    assert routing.is_eligible(housing, {"adult": "yes"}) is True


def test_everyone_is_eligible_where_nothing_screens() -> None:
    open_to_all = questionnaire(single(("integer", "age", "Age?")), None, settings=None)
    assert routing.is_eligible(open_to_all, {}) is True
    assert names(routing.path(open_to_all, {})) == ["age"]


def test_a_shuffled_page_keeps_its_order_for_the_same_seed(housing: Questionnaire) -> None:
    house = housing.page("house")
    orders = {tuple(q.name for q in routing.order(house, seed)) for seed in range(200)}
    assert len(orders) == 6
    assert all(set(order) == {"floors", "rooms", "garden"} for order in orders)
    assert routing.order(house, 7) == routing.order(house, 7)


def test_the_shuffled_order_of_a_seed_never_changes(housing: Questionnaire) -> None:
    """Stored seeds stand for orders that people have seen."""
    order = [question.name for question in routing.order(housing.page("house"), 1)]
    assert order == ["floors", "garden", "rooms"]


def test_a_page_that_is_not_shuffled_stays_as_it_is(housing: Questionnaire) -> None:
    page = housing.page("owner")
    assert routing.order(page, 5) == page.questions


def test_groups_within_groups_are_pages_that_inherit_the_condition() -> None:
    nested = questionnaire(
        single(
            ("select_one yes_no", "adult", "18?", None, "yes"),
            ("begin_group", "outer", "Outer", "${adult} = 'yes'"),
            ("integer", "before", "Before?"),
            ("begin_group", "inner", "Inner", "${before} > 1"),
            ("integer", "within", "Within?"),
            ("end_group",),
            ("integer", "after", "After?"),
            ("end_group",),
            columns=COLUMNS,
        )
    )
    assert names(list(nested.pages)) == ["adult", "outer", "inner", "after"]
    assert str(nested.page("inner").relevant) == "${adult} = 'yes' and ${before} > 1"
    assert names(routing.path(nested, {"adult": "yes", "before": "2"})) == [
        *("adult", "outer", "inner", "after"),
    ]
    assert names(routing.path(nested, {"adult": "yes", "before": "1"})) == [
        *("adult", "outer", "after"),
    ]
