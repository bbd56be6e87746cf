"""Reports of one incident become one; what is different stays apart; ids are for life."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from gazetteer.model import Place
from geo import merging
from geo.model import Claim, Incident, Report

DAY = date(2024, 6, 10)


def place(name: str, lon: float, lat: float, country: str = "IQ", **more: object) -> Place:
    made = Place(f"test:{name}", name, "P", "PPL", Point(lon, lat), country, precision_m=8_000, country_name=country)
    return replace(made, **more)  # type: ignore[arg-type]


MOSUL = place("Mosul", 43.13, 36.34)
KIRKUK = place("Kirkuk", 44.39, 35.47)
SUBURB = place("Suburb of Mosul", 43.25, 36.38)
TYRE = place("Tyre", 35.19, 33.27, "LB")
IRAQ = place("Iraq", 43.7, 33.0, feature_class="A", feature_code="PCLI", precision_m=635_000)
PLACES = (MOSUL, KIRKUK, SUBURB, TYRE, IRAQ)


def killed(low: int, high: int | None = None, who: str | None = None) -> Claim:
    return Claim("killed", f"{low} killed", 0, 9, low=low, best=low, high=high or low, who=who)


def report(
    key: str, article: str | None = None, where: Place | None = MOSUL, start: date | None = DAY, **more: object
) -> Report:
    made = Report(
        key=key,
        article_id=article or f"article-{key}",
        title="Air/drone strike in Mosul",
        event_type="Explosions/Remote violence",
        sub_event_type="Air/drone strike",
        stage="done",
        status="attributed",
        date_start=start,
        date_end=start,
        date_precision=1 if start else None,
        date_text="Monday",
        place=where,
        place_text=where.name if where else None,
        geo_precision=None if where is None else 6 if where.feature_code == "PCLI" else 1,
        radius_m=where.precision_m if where else None,
        geo_method="name: a test",
        actor_1=None,
        actor_2=None,
        weapon=None,
        claims=(),
        evidence=((0, 9),),
        confidence=0.7,
        country_code=where.country_code if where else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def merge(*reports: Report, known: dict[str, str] | None = None) -> tuple[Incident, ...]:
    return merging.merge(reports, known or {}, {})


def groups(*reports: Report) -> set[frozenset[str]]:
    return {frozenset(r.key for r in one.reports) for one in merge(*reports)}


def together(a: Report, b: Report) -> bool:
    return len(merge(a, b)) == 1


# --- what is one ------------------------------------------------------------------------------------------------------


def test_two_articles_on_one_strike() -> None:
    assert together(report("a"), report("b"))


def test_a_day_of_difference_in_one_town() -> None:
    assert together(
        report("a", claims=(killed(9),), actor_1="army"),
        report("b", start=DAY + timedelta(1), claims=(killed(9),), actor_1="army"),
    )


def test_a_suburb_and_its_city() -> None:
    assert together(report("a"), report("b", where=SUBURB))


def test_different_tolls_of_one_day_and_town() -> None:
    assert together(report("a", claims=(killed(9),)), report("b", claims=(killed(14),)))


def test_an_open_kind_joins_a_firm_one() -> None:
    assert together(report("a"), report("b", sub_event_type="Attack"))


def test_a_month_joins_the_only_day_in_it() -> None:
    vague = report("b", date_precision=4, date_end=date(2024, 6, 30), start=date(2024, 6, 1))
    vague = replace(vague, date_end=date(2024, 6, 30))
    assert together(report("a"), vague)


def test_a_month_joins_none_of_two_days_that_fit_alike() -> None:
    vague = replace(report("v", start=date(2024, 6, 1)), date_end=date(2024, 6, 30), date_precision=4)
    found = groups(report("a"), report("b", start=DAY + timedelta(9)), vague)
    assert found == {frozenset("a"), frozenset("b"), frozenset("v")}


# --- what is not one --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        report("b", start=date(2024, 2, 10)),
        report("b", where=KIRKUK),
        report("b", where=KIRKUK, start=DAY + timedelta(1)),
        report("b", where=TYRE),
        report("b", sub_event_type="Abduction/forced disappearance"),
        report("b", start=None),
        report("b", article="article-a"),
        report("b", response_to="a"),
        report("b", start=DAY + timedelta(7)),
    ],
    ids=[
        "February and June",
        "two cities on one day",
        "two cities a day apart",
        "two countries",
        "another kind",
        "no date",
        "the same article",
        "an answer",
        "a week later",
    ],
)
def test_what_stays_apart(other: Report) -> None:
    assert not together(report("a"), other)


def test_the_same_actors_the_other_way_round() -> None:
    attack = report("a", actor_1="army", actor_2="militia", sub_event_type="Armed clash")
    answer = report("b", actor_1="militia", actor_2="army", sub_event_type="Armed clash")
    assert not together(attack, answer)


def test_an_attack_and_its_answer_stay_apart_even_through_a_third_report() -> None:
    attack, answer = report("a", "one"), report("b", "one", response_to="a")
    third = report("c", "two")
    for found in groups(attack, answer, third):
        assert not {"a", "b"} <= found


def test_answers_are_linked_across_articles() -> None:
    attack, answer, again = report("a", "one"), report("b", "one", where=KIRKUK, response_to="a"), report("c", "two")
    found = {frozenset(r.key for r in one.reports): one for one in merge(attack, answer, again)}
    assert found[frozenset("b")].related == (found[frozenset("ac")].id,)


# --- for any reports at all -------------------------------------------------------------------------------------------

KINDS = ("Air/drone strike", "Attack", "Armed clash", "Shelling/artillery/missile attack", "Suicide bomb")
ACTORS = (None, "army", "militia")


@st.composite
def many_reports(draw: st.DrawFn) -> list[Report]:
    made: list[Report] = []
    for n in range(draw(st.integers(0, 9))):
        start = draw(st.one_of(st.none(), st.integers(0, 4).map(lambda d: DAY + timedelta(d))))
        span, precision = draw(st.sampled_from([(0, 1), (0, 1), (2, 2), (29, 4)]))
        one = report(
            f"k{n}",
            f"article-{draw(st.integers(0, 5))}",
            draw(st.sampled_from((*PLACES, None))),
            start,
            sub_event_type=draw(st.sampled_from(KINDS)),
            actor_1=draw(st.sampled_from(ACTORS)),
            actor_2=draw(st.sampled_from(ACTORS)),
            claims=tuple(killed(x) for x in draw(st.lists(st.integers(0, 9), max_size=1))),
        )
        if start is not None:
            one = replace(one, date_end=start + timedelta(span), date_precision=precision)
        answered = [r.key for r in made if r.article_id == one.article_id]
        answers = draw(st.booleans())
        if answered and answers:
            one = replace(one, response_to=answered[0])
        made.append(one)
    return made


@given(many_reports(), st.randoms(use_true_random=False))
def test_the_order_of_reports_does_not_matter(reports: list[Report], chance: random.Random) -> None:
    mixed = list(reports)
    chance.shuffle(mixed)
    assert merging.merge(mixed, {}, {}) == merging.merge(reports, {}, {})


@given(many_reports())
def test_every_report_is_in_one_incident_and_merging_again_changes_nothing(reports: list[Report]) -> None:
    first = merging.merge(reports, {}, {})
    assert sorted(r.key for one in first for r in one.reports) == sorted(r.key for r in reports)
    assert len({one.id for one in first}) == len(first)
    known = {r.key: one.id for one in first for r in one.reports}
    assert merging.merge(reports, known, {}) == first


@given(many_reports())
def test_no_incident_holds_what_must_stay_apart(reports: list[Report]) -> None:
    for one in merging.merge(reports, {}, {}):
        articles = [r.article_id for r in one.reports]
        assert len(articles) == len(set(articles))
        keys = {r.key for r in one.reports}
        assert not any(r.response_to in keys for r in one.reports)
        assert len({r.country_code for r in one.reports} - {None}) <= 1
        for a in one.reports:
            for b in one.reports:
                if a is not b:
                    assert merging.link(a, b) is not None


@given(many_reports(), st.data())
def test_ids_live_on_and_are_never_given_twice(reports: list[Report], data: st.DataObject) -> None:
    seen = data.draw(st.lists(st.sampled_from(reports), unique_by=lambda r: r.key)) if reports else []
    early = merging.merge(seen, {}, {})
    known = {r.key: one.id for one in early for r in one.reports}
    late = merging.merge(reports, known, {})
    ids = [one.id for one in late]
    aliases = [alias for one in late for alias in one.aliases]
    assert len(set(ids) | set(aliases)) == len(ids) + len(aliases)
    assert set(known.values()) <= set(ids) | set(aliases)
    for one in late:
        if not any(r.key in known for r in one.reports):
            assert one.id not in known.values()


@given(many_reports())
def test_a_link_is_the_same_from_both_sides(reports: list[Report]) -> None:
    for a in reports:
        for b in reports:
            assert merging.link(a, b) == merging.link(b, a)


# --- ids --------------------------------------------------------------------------------------------------------------


def test_an_id_is_made_from_the_first_report_and_looks_like_one() -> None:
    [one] = merge(report("b"), report("a"))
    assert one.id == merging.new_id("a", set())
    assert one.id.startswith("IM-")
    assert len(one.id) == 11


def test_an_id_that_is_taken_is_not_given_again() -> None:
    taken = merging.new_id("a", set())
    assert merging.new_id("a", {taken}) != taken


def test_a_merge_keeps_the_oldest_id_and_the_other_becomes_an_alias() -> None:
    [one] = merge(report("a"), report("b"), known={"b": "IM-OLDER", "a": "IM-NEWER"})
    assert (one.id, one.aliases) == ("IM-OLDER", ("IM-NEWER",))


def test_what_falls_apart_leaves_the_id_with_most_reports() -> None:
    known = dict.fromkeys("abc", "IM-ONE")
    found = merge(report("a"), report("b"), report("c", where=KIRKUK), known=known)
    by_keys = {"".join(sorted(r.key for r in one.reports)): one for one in found}
    assert by_keys["ab"].id == "IM-ONE"
    assert by_keys["c"].id not in ("IM-ONE", *by_keys["ab"].aliases)


# --- what they say together -------------------------------------------------------------------------------------------


def test_the_finest_place_and_date_lead() -> None:
    rough = replace(report("a", where=IRAQ), date_precision=2, date_end=DAY + timedelta(1))
    [one] = merge(rough, report("b", claims=(killed(3),), actor_1="army"))
    told = merging.summary(one)
    assert told.place == MOSUL
    assert (told.date_start, told.date_precision) == (DAY, 1)


def test_figures_are_a_range_and_never_a_sum() -> None:
    [one] = merge(report("a", claims=(killed(9),)), report("b", claims=(killed(14),)))
    low, best, high = merging.summary(one).killed
    assert (low, high) == (9, 14)
    assert best in (9, 14)
    assert [article for article, _ in merging.summary(one).claims] == ["article-a", "article-b"]


def test_two_reports_are_surer_than_one() -> None:
    [one], [both] = merge(report("a")), merge(report("a"), report("b"))
    assert merging.summary(one).confidence < merging.summary(both).confidence <= 0.99


def test_no_reports_are_no_incidents() -> None:
    assert merge() == ()
