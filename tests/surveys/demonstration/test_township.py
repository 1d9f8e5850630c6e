"""The demonstration township: the story it tells, and that it tells it the same every time."""

from collections import Counter

import pytest
import sqlalchemy as sa

from surveys import areas, demonstration, responses, waves
from surveys.demonstration import campaigns as invented
from surveys.demonstration import township as story
from surveys.demonstration import visits
from surveys.demonstration.places import PLACES, TOWNSHIP
from surveys.fieldwork import campaigns
from surveys.fieldwork.attempts import Attempt
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.responses import Response
from surveys.results import estimates, snapshots
from surveys.results.snapshots import Snapshot
from surveys.sampling.draws import Draw
from surveys.sampling.frames import Address
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.support import fieldwork

HEADLINE = ("awareness", "support", "participation", "satisfaction")


@pytest.fixture(scope="module")
def figures(township):
    """The sample's headline figures, by wave code."""
    with township.database.read() as session:
        return {
            of.month: [
                figure
                for figure in estimates.of_wave(session, waves.get(session, of.month))
                if figure.stream == "sample" and figure.indicator in HEADLINE
            ]
            for of in story.ROUNDS[:-1]
        }


def estimate(figures, wave, indicator, area):
    (found,) = (f for f in figures[wave] if (f.indicator, f.area) == (indicator, area))
    return found.estimate


def test_six_waves_are_locked_and_the_newest_is_open(township):
    with township.database.read() as session:
        states = [wave.state for wave in waves.every(session)]
    assert states == ["open", *["locked"] * 6]


def test_everything_is_marked_synthetic(township):
    with township.database.read() as session:
        assert all(session.scalars(sa.select(Wave.synthetic)))
        assert all("演示" in sponsor for sponsor in session.scalars(sa.select(Wave.sponsor)))
        manifests = session.scalars(sa.select(Snapshot.manifest)).all()
    assert all(manifest["synthetic"] for manifest in manifests)


def test_fifteen_communities_hold_about_thirty_thousand_adults(township):
    with township.database.read() as session:
        assert len(areas.communities(session, areas.get(session, TOWNSHIP).id)) == 15
        households = session.scalar(sa.select(sa.func.count()).select_from(Address))
    assert households == sum(place.households for place in PLACES) == 12_000
    assert 28_000 < len(demonstration.population.people(demonstration.SEED).household) < 32_000


def test_about_a_hundred_and_twenty_interviews_in_each_community_but_the_small_one(township):
    with township.database.read() as session:
        for snapshot in session.scalars(sa.select(Snapshot)):
            interviews = Counter()
            for row in snapshot.manifest["counts"]:
                if row["stream"] == "sample":
                    interviews[row["community"]] += row["eligible"]
            assert interviews.pop("demo-12") < 50
            assert min(interviews.values()) > 85
            assert max(interviews.values()) < 155
            assert 110 < sum(interviews.values()) / 14 < 130


def test_all_four_verdicts_occur_in_the_newest_locked_wave(figures):
    verdicts = Counter(f.verdict for f in figures["2026-09"] if f.area != TOWNSHIP)
    assert set(verdicts) == {"met", "not_met", "undecided", "too_few"}
    assert {f.verdict for f in figures["2026-09"] if f.area == "demo-12"} == {"too_few"}


def test_one_community_has_improved_and_one_has_declined(figures):
    def change(indicator, area):
        first, last = (estimate(figures, wave, indicator, area) for wave in ("2025-06", "2026-09"))
        return last - first

    assert change("awareness", "demo-04") > 0.1
    assert change("satisfaction", "demo-09") < -0.1


def test_those_who_follow_the_link_are_more_pleased_than_the_sample(township):
    with township.database.read() as session:
        for of in story.ROUNDS[:-1]:
            streams = {
                figure.stream: figure.unweighted
                for figure in estimates.of_wave(session, waves.get(session, of.month))
                if (figure.indicator, figure.area) == ("satisfaction", TOWNSHIP)
            }
            assert streams["open"] > streams["sample"]


def test_the_open_link_disagrees_with_the_sample_on_satisfaction(township):
    with township.database.read() as session:
        newest = estimates.of_wave(session, waves.get(session, "2026-09"))
    opened = {f.indicator: f for f in newest if (f.stream, f.area) == ("open", TOWNSHIP)}
    assert opened["satisfaction"].disagrees
    assert not opened["awareness"].disagrees


def test_the_weighted_rates_are_off_by_less_than_a_point_on_the_whole(township, figures):
    with township.database.read() as session:
        questionnaire = published.load(session, waves.get(session, "2026-09").questionnaire_id)
    off = [
        (figure.estimate - true[TOWNSHIP, figure.indicator])
        for of in story.ROUNDS[:-1]
        for true in [demonstration.truth(questionnaire, demonstration.SEED, of.number)]
        for figure in figures[of.month]
        if figure.area == TOWNSHIP
    ]
    assert abs(sum(off) / len(off)) < 0.008


def test_those_excluded_are_told_and_the_rate_with_them_stands_beside(figures):
    beside = [f for f in figures["2026-09"] if f.with_excluded is not None]
    assert beside
    assert any(f.with_excluded != f.estimate for f in beside)
    assert all(f.with_excluded is None for f in figures["2026-06"])


def test_one_campaign_came_too_close_and_is_named(township):
    with township.database.read() as session:
        breaches = {
            wave.code: [
                (one.community.code, one.visit.reach) for one in campaigns.embargo(session, wave)
            ]
            for wave in session.scalars(sa.select(Wave))
        }
    assert {code: found for code, found in breaches.items() if found} == {
        "2026-09": [(invented.TOO_CLOSE, 96)]
    }


def test_the_open_wave_has_answers_and_slips_that_nobody_has_used(township):
    with township.database.read() as session:
        wave = waves.get(session, story.ROUNDS[-1].month)
        came = sum(count.eligible for count in responses.counts(session, wave))
        answered = sa.select(Response.unit_id).where(Response.unit_id.is_not(None))
        unused = sa.select(sa.func.count()).where(
            SampledUnit.wave_id == wave.id, SampledUnit.id.not_in(answered)
        )
        assert 250 < came < 700
        assert session.scalar(unused) > 2000
        assert estimates.of_wave(session, wave) == []


def test_whoever_interviewed_is_who_stood_at_the_door(township):
    with township.database.read() as session:
        visited = sa.select(Attempt.unit_id, Attempt.actor, Attempt.outcome)
        pairs = visits.interviewers(
            row._mapping for row in session.execute(visited.where(Attempt.outcome == "interview"))
        )
        query = sa.select(Response.unit_id, Response.interviewer).where(Response.mode == "door")
        asked = dict(session.execute(query).all())
    assert len(set(pairs.values())) == visits.PAIRS
    assert pairs == asked


def test_intervals_cover_the_truth_about_as_often_as_they_say(township, figures):
    with township.database.read() as session:
        questionnaire = published.load(session, waves.get(session, "2026-09").questionnaire_id)
    hits = [
        figure.lower <= true[figure.area, figure.indicator] <= figure.upper
        for of in story.ROUNDS[:-1]
        for true in [demonstration.truth(questionnaire, demonstration.SEED, of.number)]
        for figure in figures[of.month]
    ]
    assert len(hits) == 6 * 16 * 4
    assert 0.92 < sum(hits) / len(hits) < 0.995


def test_every_stored_figure_comes_out_again_bit_for_bit(township):
    with township.database.read() as session:
        for of in story.ROUNDS[:-1]:
            wave = waves.get(session, of.month)
            stored = estimates.of_wave(session, wave)
            assert estimates.compare(stored, estimates.estimate(township, session, wave)) == []


@pytest.fixture
def short(monkeypatch):
    """The story's first wave, and the second under way."""
    monkeypatch.setattr(story, "ROUNDS", story.ROUNDS[:2])


def first_snapshot(office):
    with office.database.read() as session:
        wave = waves.get(session, "2025-06")
        snapshot = session.scalars(sa.select(Snapshot).where(Snapshot.wave_id == wave.id)).one()
        return snapshot.sha256, estimates.of_wave(session, wave)


@pytest.mark.usefixtures("short")
def test_the_same_seed_makes_the_same_bytes_and_figures_on_any_database_after_an_interruption(
    township, office
):
    steps = iter(range(3))
    with pytest.raises(StopIteration):
        demonstration.build(office, progress=lambda: next(steps))
    demonstration.build(office)
    assert first_snapshot(office) == first_snapshot(township)


@pytest.mark.usefixtures("short")
def test_an_interrupted_making_is_known_and_goes_on(township, sqlite_office):
    steps = iter(range(20))  # into the wave under way
    with pytest.raises(StopIteration):
        demonstration.build(sqlite_office, seed=3, progress=lambda: next(steps))
    with sqlite_office.database.read() as session:
        assert demonstration.is_unfinished(session, seed=3)
        assert not demonstration.is_unfinished(session)  # that would be another township
    demonstration.build(sqlite_office, seed=3)
    with sqlite_office.database.read() as session:
        assert not demonstration.is_unfinished(session, seed=3)
        assert [wave.state for wave in waves.every(session)] == ["open", "locked"]
        locked = estimates.of_wave(session, waves.get(session, "2025-06"))
    assert {figure.area for figure in locked} == {TOWNSHIP, *(place.code for place in PLACES)}
    assert first_snapshot(sqlite_office)[0] != first_snapshot(township)[0]  # another seed


def test_a_finished_township_is_not_made_again(township):
    with township.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Response))
    with pytest.raises(Refused, match="needs an empty database"):
        demonstration.build(township)
    with township.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == before


def test_it_refuses_a_database_with_waves_of_its_own(sqlite_office):
    fieldwork.begin(sqlite_office)
    with pytest.raises(Refused, match="needs an empty database"):
        demonstration.build(sqlite_office)


def test_it_leaves_the_addresses_of_an_office_alone(sqlite_office):
    field = fieldwork.begin(sqlite_office)
    households = sa.select(Address.household).order_by(Address.id)
    with field.office.database.write() as session:
        before = session.scalars(households).all()
        for table in (SampledUnit, Draw, Wave):
            session.execute(sa.delete(table))
    with pytest.raises(StopIteration):
        demonstration.build(sqlite_office, progress=iter(()).__next__)
    with sqlite_office.database.read() as session:
        assert session.scalars(households).all()[: len(before)] == before


def test_the_snapshots_hold_what_the_manifests_say(township):
    with township.database.read() as session:
        for snapshot in session.scalars(sa.select(Snapshot)):
            assert snapshots.read(township, snapshot).num_rows == snapshot.manifest["rows"]
            assert snapshots.read_manifest(township, snapshot)["left_out"] == ["O1"]
