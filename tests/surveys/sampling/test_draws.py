"""The draw."""

from __future__ import annotations

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from surveys import areas, waves
from surveys.office import Office
from surveys.problems import Refused
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.sampling import draws, frames, redraw, reserves
from surveys.sampling.frames import Address
from surveys.sampling.plans import Plan
from surveys.sampling.units import SampledUnit
from tests.support import record


def imported(office: Office, text: str) -> frames.Imported:
    with office.database.write() as session:
        return frames.import_list(session, office.keys, io.BytesIO(text.encode()))


def draw(
    office: Office, plan: int | dict[str, int] | Plan = 12, wave: str = "2026-11"
) -> list[SampledUnit]:
    with office.database.write() as session:
        found = waves.get(session, wave)
        draws.draw(session, office.keys, found, plan, "test")
        return record.units(session, found)


def replayed(office: Office) -> list[str]:
    with office.database.read() as session:
        return [str(problem) for problem in redraw.replay(session, waves.get(session, "2026-11"))]


def release(office: Office, batch: int, community: str | None = None) -> list[SampledUnit]:
    with office.database.write() as session:
        wave = waves.get(session, "2026-11")
        return reserves.release(session, wave, batch, community, "test")


def stored(office: Office) -> list[SampledUnit]:
    with office.database.read() as session:
        return list(session.scalars(sa.select(SampledUnit)))


@pytest.fixture
def township(office: Office) -> Office:
    """An office with two villages and a wave to be drawn, on both engines."""
    return _prepared(office)


@pytest.fixture
def sqlite_township(sqlite_office: Office) -> Office:
    return _prepared(sqlite_office)


def _prepared(office: Office) -> Office:
    with office.database.write() as session:
        record.wave(session, record.township(session), record.publish(session))
    return office


UNEVEN = "community,housing,address\n" + "".join(
    f"{village},{housing},{housing} {number}\n"
    for village, housing, size in (
        ("east", "managed", 60),
        ("east", "rural", 30),
        ("east", "selfbuilt", 3),
        ("west", "rural", 50),
    )
    for number in range(size)
)


def test_a_draw_is_stratified_with_four_in_each_stratum_or_all(township: Office) -> None:
    imported(township, UNEVEN)
    units = draw(township, 24)
    with township.database.read() as session:
        east = areas.get(session, "east").id
    drawn = Counter((unit.community_id == east, unit.housing) for unit in units)
    assert drawn == {
        (True, "managed"): 14,
        (True, "rural"): 7,
        (True, "selfbuilt"): 3,
        (False, "rural"): 24,
    }


def test_every_unit_knows_the_probability_it_had(township: Office) -> None:
    imported(township, UNEVEN)
    sizes = {"managed": 14 / 60, "selfbuilt": 1.0}
    for unit in draw(township, 24):
        if unit.housing in sizes:
            assert unit.probability == sizes[unit.housing]


def test_the_weights_of_a_sample_add_up_to_the_list(township: Office) -> None:
    imported(township, UNEVEN)
    assert sum(1 / unit.probability for unit in draw(township, 20)) == pytest.approx(143)


def test_the_same_seed_draws_the_same_addresses(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    with sqlite_township.database.write() as session:
        area, published = areas.get(session, "hekou"), waves.get(session, "2026-11")
        questionnaire = session.get_one(PublishedQuestionnaire, published.questionnaire_id)
        record.wave(session, area, questionnaire, "2026-12", seed=7)
        record.wave(session, area, questionnaire, "2027-01", seed=8)
    drawn, same, other = (
        [unit.address_id for unit in draw(sqlite_township, 24, wave)]
        for wave in ("2026-11", "2026-12", "2027-01")
    )
    assert same == drawn != other


def test_villages_may_get_different_numbers(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    assert len(draw(sqlite_township, {"west": 10})) == 10


def test_a_wave_is_drawn_once(township: Office) -> None:
    imported(township, UNEVEN)
    draw(township)
    with pytest.raises(Refused, match="was drawn already"):
        draw(township)


def test_of_two_draws_at_once_one_is_refused(township: Office) -> None:
    imported(township, UNEVEN)

    def drawn(_: int) -> int:
        try:
            return len(draw(township))
        except Refused:
            return 0

    with ThreadPoolExecutor(2) as pool:
        numbers = sorted(pool.map(drawn, range(2)))
    with township.database.read() as session:
        stored = session.scalar(sa.select(sa.func.count()).select_from(SampledUnit))
    assert numbers == [0, stored]


def test_a_closed_wave_is_not_drawn(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    with sqlite_township.database.write() as session:
        wave = waves.get(session, "2026-11")
        waves.open_(session, wave, "test")
        waves.close(session, wave, "test")
    with pytest.raises(Refused, match="2026-11 is closed: too late to draw"):
        draw(sqlite_township)


@pytest.mark.parametrize(
    ("per_community", "said"),
    [
        ({"mars": 5}, "no community with the code “mars”"),
        ({"east": 0}, "At least one address"),
        (5, "no addresses to draw from"),
    ],
)
def test_what_cannot_be_drawn_says_why(
    sqlite_township: Office, per_community: int | dict[str, int], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        draw(sqlite_township, per_community)


# ---- the record ----------------------------------------------------------------------------------


def test_a_draw_is_replayed_from_its_record(township: Office) -> None:
    imported(township, UNEVEN)
    draw(township, Plan(24, batches=2))
    assert replayed(township) == []
    release(township, 2, "east")
    assert replayed(township) == []


def test_addresses_that_came_later_do_not_disturb_a_replay(township: Office) -> None:
    imported(township, UNEVEN)
    draw(township)
    imported(township, "community,housing,address\neast,managed,新村1号\n")
    assert replayed(township) == []


def test_a_list_that_changed_is_noticed(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    draw(sqlite_township)
    with sqlite_township.database.write() as session:
        session.execute(sa.update(Address).where(Address.id == 5).values(housing="rural"))
    assert replayed(sqlite_township) == [
        "The list of addresses is not the one the sample was drawn from."
    ]


def test_a_sample_that_was_tampered_with_is_noticed(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    drawn = draw(sqlite_township)
    spared = max(unit.address_id for unit in drawn)
    number = next(unit.id for unit in drawn if unit.address_id == spared)
    with sqlite_township.database.write() as session:
        drawn_twice = sa.select(SampledUnit.address_id)
        free = sa.select(sa.func.min(Address.id)).where(Address.id.not_in(drawn_twice))
        change = sa.update(SampledUnit).where(SampledUnit.address_id == spared)
        session.execute(change.values(address_id=session.scalar(free)))
        change = sa.update(SampledUnit).where(SampledUnit.id == drawn[0].id)
        session.execute(change.values(probability=0.5))
    assert replayed(sqlite_township) == [
        "1 addresses that the seed draws are not in the sample.",
        f"1 addresses of the sample are not drawn by the seed: #{number}.",
        f"1 addresses have another batch or probability than the record says: #{drawn[0].id}.",
    ]


def test_a_wave_without_a_draw_has_nothing_to_replay(sqlite_township: Office) -> None:
    with pytest.raises(Refused, match="has not been drawn"):
        replayed(sqlite_township)


# ---- reserves ------------------------------------------------------------------------------------


def test_a_reserve_waits_and_then_makes_the_probabilities_larger(township: Office) -> None:
    imported(township, UNEVEN)
    draw(township, Plan(24, batches=2, reserve=0.5))
    with township.database.read() as session:
        west = areas.get(session, "west").id
    before = {unit.id: unit for unit in stored(township)}
    assert {unit.released_at is None for unit in before.values() if unit.batch > 1} == {True}
    sent = release(township, 2, "west")
    assert {unit.community_id for unit in sent} == {west}
    assert len(sent) == 12
    for unit in stored(township):
        if unit.released_at is None:
            continue
        if unit.community_id == west:
            assert unit.probability == 36 / 50
        else:
            assert unit.probability == before[unit.id].probability


def test_the_weights_of_what_is_released_add_up_to_the_list(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    draw(sqlite_township, Plan(24, batches=2, reserve=0.3))
    for batch in (2, 3):
        release(sqlite_township, batch)
        out = [unit for unit in stored(sqlite_township) if unit.released_at]
        assert sum(1 / unit.probability for unit in out) == pytest.approx(143)


@pytest.mark.parametrize(
    ("batch", "community", "said"),
    [
        (3, None, "no batch 3 to release next"),
        (1, "east", "no batch 1 to release next"),
        (2, "mars", "no community with the code “mars”"),
    ],
)
def test_batches_are_released_one_after_another(
    sqlite_township: Office, batch: int, community: str | None, said: str
) -> None:
    imported(sqlite_township, UNEVEN)
    draw(sqlite_township, Plan(24, batches=2))
    with pytest.raises(Refused, match=said):
        release(sqlite_township, batch, community)


def test_batches_are_counted_by_community(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    draw(sqlite_township, Plan({"west": 20}, batches=1))
    with sqlite_township.database.read() as session:
        found = reserves.batches(session, waves.get(session, "2026-11"))
    assert [(one.batch, one.units, one.released_at is None) for one in found] == [
        (1, 20, False),
        (2, 5, True),
    ]


# ---- rotation ------------------------------------------------------------------------------------


def test_a_stated_share_of_an_earlier_sample_stays(township: Office) -> None:
    imported(township, UNEVEN)
    first = {unit.address_id for unit in draw(township, 24)}
    with township.database.write() as session:
        earlier = waves.get(session, "2026-11")
        questionnaire = session.get_one(PublishedQuestionnaire, earlier.questionnaire_id)
        record.wave(session, areas.get(session, "hekou"), questionnaire, "2026-12", seed=9)
    units = draw(township, Plan(24, previous="2026-11", keep=0.5), "2026-12")
    stayed = {unit.address_id for unit in units} & first
    assert len(units) == 48
    assert 22 <= len(stayed) <= 27
    with township.database.read() as session:
        assert redraw.replay(session, waves.get(session, "2026-12")) == []


# ---- two stages ----------------------------------------------------------------------------------

GRIDS = "community,housing,grid,address\n" + "".join(
    f"{village},rural,{grid},{village}{grid}组{number}号\n"
    for village, grids in (("east", 12), ("west", 6))
    for grid in range(grids)
    for number in range(10 + grid)
)


def test_two_stages_draw_grids_and_then_addresses(township: Office) -> None:
    imported(township, GRIDS)
    units = draw(township, Plan({"east": 45}, method="two_stage", batches=1))
    main = [unit for unit in units if unit.batch == 1]
    assert len({unit.grid for unit in main}) == 9
    assert 44 <= len(main) <= 46
    assert {round(unit.probability, 12) for unit in main} == {round(45 / 186, 12)}
    assert replayed(township) == []
    release(township, 2)
    assert replayed(township) == []
    assert {round(u.probability, 12) for u in stored(township)} == {round(1.25 * 45 / 186, 12)}


def test_too_few_grids_are_refused_by_name(sqlite_township: Office) -> None:
    imported(sqlite_township, GRIDS)
    with pytest.raises(Refused) as refused:
        draw(sqlite_township, Plan(45, method="two_stage"))
    assert str(refused.value) == (
        "west has 6 grids, and 9 must be drawn for a verdict of its own: draw it stratified."
    )


def test_addresses_without_a_grid_are_refused(sqlite_township: Office) -> None:
    imported(sqlite_township, UNEVEN)
    with pytest.raises(Refused, match="93 addresses of east are in no grid"):
        draw(sqlite_township, Plan({"east": 45}, method="two_stage"))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(5, method="by heart"), "“by heart” is no way to draw"),
        (Plan(5, batches=10), "up to nine reserve batches"),
        (Plan(5, keep=0.5), "A rotation names an earlier wave"),
        (Plan(5, method="two_stage", keep=0.5, previous="2026-10"), "Only a stratified draw"),
        (Plan(5, keep=0.5, previous="2026-10"), "no wave 2026-10"),
    ],
)
def test_a_plan_that_cannot_be_says_why(sqlite_township: Office, plan: Plan, said: str) -> None:
    imported(sqlite_township, UNEVEN)
    with pytest.raises(Refused, match=said):
        draw(sqlite_township, plan)
