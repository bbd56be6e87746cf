"""The store against a real PostGIS: what goes in comes out equal, ids are for life, nothing is written twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from shapely.geometry import Point
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from gazetteer.model import Candidate, NameKind, Place
from geo import store
from geo.errors import BadArticle, Busy
from geo.model import Article, Claim, DateMention, Incident, Mention, MentionKind, Report, Resolution, Sentence
from geo.reading import Reading
from maps.model import Feature

MAKER = store.Maker("reader-1", "gazetteer-1", "build-1")

TEXT = "Gunmen attacked a checkpoint near Rutba on Monday. Police said two officers were killed."
RUTBA = Place(
    id="geonames:92020",
    name="Rutba",
    feature_class="P",
    feature_code="PPL",
    point=Point(40.2849999999, 33.0381),
    country_code="IQ",
    admin1_code="IQ.01",
    population=22370,
    note="rival: 33.04, 40.28",
    admin1_name="Anbar",
    country_name="Iraq",
)


def an_article(id: str = "a1", **changes: Any) -> Article:
    plain = Article(
        id=id, text=TEXT, title="Attack near Rutba", published=date(2024, 3, 5), url=f"https://news.example/{id}",
        publisher="Example News",
    )  # fmt: skip
    return replace(plain, **changes)


def a_report(key: str = "r1", article_id: str = "a1", **changes: Any) -> Report:
    plain = Report(
        key=key,
        article_id=article_id,
        title="Attack near Rutba",
        event_type="Battles",
        sub_event_type="Armed clash",
        stage="done",
        status="attributed",
        date_start=date(2024, 3, 4),
        date_end=date(2024, 3, 4),
        date_precision=1,
        date_text="Monday",
        place=RUTBA,
        place_text="near Rutba",
        geo_precision=2,
        radius_m=25_000,
        geo_method="named",
        actor_1="Gunmen",
        actor_2="Police",
        weapon=None,
        claims=(Claim("killed", "two officers killed", 51, 89, "Police", "said", None, 2, 2, 2, "officers"),),
        evidence=((0, 50), (51, 89)),
        confidence=0.7,
        country_code="IQ",
        rival_places=("Rawa",),
    )
    return replace(plain, **changes)


def a_reading(article: Article | None = None, reports: Iterable[Report] | None = None) -> Reading:
    article = article or an_article()
    mention = Mention(34, 39, "Rutba", MentionKind.NAME, "Rutba", ("PPL", "PPLA2"), near=True)
    rival = Candidate(replace(RUTBA, id="geonames:1", name="Ar Rutbah"), "Rutba", NameKind.ALTERNATE, 0.8)
    return Reading(
        article=article,
        sentences=(Sentence(0, 50, TEXT[:50], 0), Sentence(51, 89, TEXT[51:], 0, "caption")),
        resolutions=(
            Resolution(mention, RUTBA, 0.93, "the only one in Iraq", (rival,), 25_000, 2),
            Resolution(replace(mention, kind=MentionKind.DESCRIPTION, name=""), None, 0.2, "no place is meant"),
        ),
        dates=(
            DateMention(43, 49, "Monday", date(2024, 3, 4), date(2024, 3, 4), 1, "weekday before publication"),
            DateMention(0, 6, "a night earlier", None, None, 1, "relative to the event", "event", (-1, 0)),
        ),
        reports=tuple(reports) if reports is not None else (a_report(article_id=article.id),),
        notes=("no byline",),
    )


def an_incident(id: str = "i1", *reports: Report, aliases: tuple[str, ...] = ()) -> Incident:
    return Incident(id, reports or (a_report(),), aliases)


def outgoing(incident: Incident, sha256: str = "0") -> store.Outgoing:
    told = incident.reports[0]
    feature = Feature(incident.id, told.title, told.event_type, told.sub_event_type, point=RUTBA.point, drawn_as="near")
    return store.Outgoing(incident, feature, sha256, {"incident_id": incident.id, "title": told.title})


def keep(engine: Engine, *readings: Reading) -> None:
    for one in readings:
        with engine.begin() as conn:
            store.save_article(conn, one.article)
            store.save_reading(conn, one, MAKER)


def merged(engine: Engine, *incidents: Incident, sha256: str = "0") -> dict[str, Any]:
    with engine.begin() as conn:
        return dict(store.save_incidents(conn, [outgoing(one, sha256) for one in incidents]))


# --- articles ---


def test_saving_an_article_again_changes_nothing(engine: Engine) -> None:
    with engine.begin() as conn:
        assert store.save_article(conn, an_article()) == "new"
    with engine.begin() as conn:
        assert store.save_article(conn, an_article()) == "unchanged"
        assert store.find_article(conn, "a1") == an_article()
        assert store.find_article(conn, "https://news.example/a1") == an_article()


@pytest.mark.parametrize("change", [{"text": TEXT + " Later."}, {"published": None}, {"publisher": "Other"}])
def test_a_changed_article_is_a_new_revision_and_read_again(engine: Engine, change: dict[str, Any]) -> None:
    keep(engine, a_reading())
    with engine.begin() as conn:
        assert store.unread(conn, MAKER) == []
        assert store.save_article(conn, an_article(**change)) == "revised"
        assert store.unread(conn, MAKER) == [an_article(**change)]
        assert conn.scalar(text("SELECT revision FROM article")) == 2


@pytest.mark.parametrize(
    "bad", [an_article(text="a\0b"), an_article(id=""), an_article(id="x" * 1001), an_article(text="a\ud800b")]
)
def test_what_cannot_be_an_article_is_refused_with_a_reason(engine: Engine, bad: Article) -> None:
    with engine.begin() as conn, pytest.raises(BadArticle):
        store.save_article(conn, bad)
    with engine.begin() as conn:
        assert store.counts(conn)["article"] == 0


def test_hostile_texts_are_only_texts(engine: Engine) -> None:
    nasty = "'; DROP TABLE article; -- %s %(x)s :x {{7*7}} \\ \" ${1}"
    one = an_article(id=nasty, text=nasty, title=nasty, url=nasty, publisher=nasty)
    with engine.begin() as conn:
        store.save_article(conn, one)
        assert store.find_article(conn, nasty) == one


def test_the_same_words_are_stored_once_with_all_that_is_known_of_them(engine: Engine) -> None:
    bare = an_article("bare", text=TEXT.replace(" ", "\n"), published=None, url=None, publisher=None)
    with engine.begin() as conn:
        assert store.save_article(conn, bare) == "new"
        assert store.save_article(conn, an_article()) == "new", "more is known of it: the bare one gives way"
        assert store.save_article(conn, bare) == "copy"
        assert store.save_article(conn, an_article("twin", url=None)) == "copy"
        assert store.save_article(conn, an_article("wire", publisher="Other News")) == "new", "another paper printed it"
        assert store.save_article(conn, an_article()) == "unchanged"
        assert [one.id for one in store.unread(conn, MAKER)] == ["a1", "wire"]


# --- readings ---


def test_a_reading_comes_out_as_it_went_in(engine: Engine) -> None:
    one = a_reading()
    keep(engine, one)
    with engine.connect() as conn:
        kept = store.load_reading(conn, one.article)
        assert kept is not None
        assert kept.reading == one
        assert (kept.reader, kept.gazetteer, kept.error) == (MAKER.reader, MAKER.gazetteer, None)
        assert store.reports(conn) == list(one.reports)
        assert store.quotes(conn) == {("a1", 0, 50): TEXT[:50], ("a1", 51, 89): TEXT[51:89]}


def test_reports_lie_in_postgis(engine: Engine) -> None:
    keep(engine, a_reading())
    nearby = "SELECT key FROM report WHERE ST_DWithin(point::geography, ST_MakePoint(40.28, 33.04)::geography, 2000)"
    with engine.connect() as conn:
        assert conn.scalars(text(nearby)).all() == ["r1"]


def test_another_reader_or_gazetteer_reads_again(engine: Engine) -> None:
    keep(engine, a_reading())
    with engine.connect() as conn:
        assert store.count_unread(conn, MAKER) == 0
        assert store.count_unread(conn, replace(MAKER, build="build-2")) == 0
        assert store.count_unread(conn, replace(MAKER, reader="reader-2")) == 1
        assert store.count_unread(conn, replace(MAKER, gazetteer="gazetteer-2")) == 1


def test_unread_pages_through_all_in_the_order_of_ids(engine: Engine) -> None:
    ids = ["B", "a", "ä", "z1", "z10", "z2"]
    with engine.begin() as conn:
        for id_ in ids:
            store.save_article(conn, an_article(id_, text=id_))
        found: list[str] = []
        while page := store.unread(conn, MAKER, after=found[-1] if found else "", limit=2):
            found += [one.id for one in page]
    assert found == sorted(ids, key=str.encode)


def test_a_failure_is_kept_and_tried_again_only_by_another_build(engine: Engine) -> None:
    with engine.begin() as conn:
        store.save_article(conn, an_article())
        store.save_failure(conn, an_article(), "it broke", MAKER)
    with engine.connect() as conn:
        assert store.unread(conn, MAKER) == []
        assert store.unread(conn, replace(MAKER, build="mended")) == [an_article()]
        assert store.counts(conn)["failed_reading"] == 1
        assert [row["reason"] for row in store.quarantined(conn)] == ["it broke"]


def test_a_reading_is_saved_whole_or_not_at_all(engine: Engine) -> None:
    keep(engine, a_reading())
    twice = a_reading(reports=[a_report("x"), a_report("x")])
    with pytest.raises(IntegrityError), engine.begin() as conn:
        store.save_reading(conn, twice, replace(MAKER, gazetteer="gazetteer-2"))
    with engine.connect() as conn:
        assert [told.key for told in store.reports(conn)] == ["r1"]
        assert store.count_unread(conn, MAKER) == 0


def test_the_state_moves_with_every_reading_and_with_nothing_else(engine: Engine) -> None:
    def state() -> str:
        with engine.connect() as conn:
            return store.state(conn)

    empty = state()
    keep(engine, a_reading())
    first = state()
    merged(engine, an_incident())
    assert state() == first != empty
    keep(engine, a_reading())
    assert state() != first


# --- incidents ---


def test_updated_at_moves_only_with_the_content(engine: Engine) -> None:
    first = merged(engine, an_incident())["i1"]
    with engine.begin() as conn:
        conn.execute(text("UPDATE incident SET updated_at = updated_at - interval '1 day'"))
    assert (first - merged(engine, an_incident())["i1"]).days == 1
    assert (merged(engine, an_incident(), sha256="1")["i1"] - first).days == 0


def test_a_report_keeps_its_incident_id_for_life(engine: Engine) -> None:
    keep(engine, a_reading())
    merged(engine, an_incident())
    with engine.begin() as conn:
        assert store.known(conn) == {"r1": "i1"}
    keep(engine, a_reading(reports=[]))
    merged(engine)
    with engine.begin() as conn:
        assert store.known(conn) == {"r1": "i1"}
        assert [row[0] for row in store.tombstones(conn)] == ["i1"]
    merged(engine, an_incident())
    with engine.begin() as conn:
        assert store.tombstones(conn) == []


def test_a_merge_leaves_an_alias_and_a_tombstone_that_says_where_it_went(engine: Engine) -> None:
    one, two = a_report("r1"), a_report("r2", "a2")
    merged(engine, an_incident("i1", one), an_incident("i2", two))
    merged(engine, an_incident("i1", one, two, aliases=("i2",)))
    with engine.connect() as conn:
        assert store.known(conn) == {"r1": "i1", "r2": "i2"}
        assert [(row[0], row[3]) for row in store.tombstones(conn)] == [("i2", "i1")]
        assert conn.execute(text("SELECT alias, incident_id FROM alias")).all() == [("i2", "i1")]
        assert store.faults(conn) == []


def test_a_split_gives_the_old_id_back(engine: Engine) -> None:
    one, two = a_report("r1"), a_report("r2", "a2")
    merged(engine, an_incident("i1", one), an_incident("i2", two))
    merged(engine, an_incident("i1", one, two, aliases=("i2",)))
    merged(engine, an_incident("i1", one), an_incident("i2", two))
    with engine.connect() as conn:
        assert store.known(conn) == {"r1": "i1", "r2": "i2"}
        assert store.tombstones(conn) == []
        assert store.counts(conn)["alias"] == 0


def test_a_report_that_is_split_off_gets_the_new_id(engine: Engine) -> None:
    one, two = a_report("r1"), a_report("r2", "a2")
    merged(engine, an_incident("i1", one, two))
    merged(engine, an_incident("i1", one), an_incident("i9", two))
    with engine.connect() as conn:
        assert store.known(conn) == {"r1": "i1", "r2": "i9"}


def test_known_ids_come_oldest_first(engine: Engine) -> None:
    for number in (3, 1, 2):
        merged(engine, an_incident(f"i{number}", a_report(f"r{number}")))
    with engine.connect() as conn:
        assert list(store.known(conn)) == ["r3", "r1", "r2"]


def test_a_report_under_a_new_key_inherits_the_incident_of_the_one_it_replaces(engine: Engine) -> None:
    keep(engine, a_reading())
    merged(engine, an_incident())
    keep(engine, a_reading(reports=[a_report("r1-reworded", title="Two officers killed"), a_report("other", place=None,
        date_start=None, date_end=None, sub_event_type="Arrests")]))  # fmt: skip
    with engine.connect() as conn:
        assert store.known(conn) == {"r1": "i1", "r1-reworded": "i1"}


def test_heirs_are_one_to_one_and_never_a_guess() -> None:
    old = [a_report("o1"), a_report("o2", date_start=date(2024, 3, 1), date_end=date(2024, 3, 1))]
    new = [
        a_report("n1"),
        a_report("n2", date_start=date(2024, 3, 1), date_end=date(2024, 3, 1)),
        a_report("n3", place=None, place_text=None, date_start=None, sub_event_type="Attack", evidence=()),
    ]
    assert store.heirs(old, new) == {"n1": "o1", "n2": "o2"}
    assert store.heirs(old, old) == {}


# --- runs ---


def test_a_run_that_never_ended_was_killed(engine: Engine) -> None:
    with engine.begin() as conn:
        store.start_run(conn)
    with engine.begin() as conn:
        second = store.start_run(conn)
        store.finish_run(conn, second, "done", 3, counts={"new": 2}, input_sha256="abc", generation="gen-1")
    with engine.connect() as conn:
        assert [row["outcome"] for row in store.runs(conn)] == ["done", "killed"]
        assert store.last_published(conn) == ("abc", "gen-1")


def test_the_run_lock_is_free_again_when_its_holder_is_killed(engine: Engine, database: str) -> None:
    hold = (
        "import sys, time; from gazetteer import database; from geo import store\n"
        "with store.run_lock(database.engine(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, database], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy), store.run_lock(engine):
            pass
        holder.kill()
    for _ in range(50):
        try:
            with store.run_lock(engine):
                return
        except Busy:
            continue
    pytest.fail("the lock outlived its holder")


def test_the_same_bad_input_is_one_row(engine: Engine) -> None:
    for _ in range(2):
        with engine.begin() as conn:
            store.set_aside(conn, name="bad\0\udcffname.txt", line=3, reason="not \0 text", sha256="f")
    with engine.begin() as conn:
        store.set_aside(conn, name="bad.txt", line=None, reason="empty", sha256="f")
        assert len(store.quarantined(conn)) == 2
