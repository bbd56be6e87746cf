"""Which place a mention means, with the real gazetteer. All sentences are our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from geo import reading
from geo.model import Article, MentionKind, Resolution

Read = Callable[[str], list[Resolution]]


@pytest.fixture(scope="module")
def read(default_gazetteer: Engine) -> Read:
    def resolved(text: str) -> list[Resolution]:
        with default_gazetteer.connect() as conn:
            [one] = reading.read(conn, [Article("a", text)])
        assert all(0 <= r.probability <= 1 and r.reason for r in one.resolutions)
        assert all((r.place is None) == (r.radius_m is None) for r in one.resolutions)
        return list(one.resolutions)

    return resolved


def cases(table: str) -> list[Any]:
    """The lines of a table; those that begin with "?" are known gaps, and must be freed of the mark once they pass."""
    gap = pytest.mark.xfail(strict=True, reason="known gap")
    lines = table.strip().splitlines()
    return [pytest.param(x[2:], marks=gap, id=x) if x.startswith("? ") else pytest.param(x, id=x) for x in lines]


WHERE = """
Police in Paris, Texas, said so. | Paris | US | 33.66 -95.56
Police in Paris said so. | Paris | FR | 48.85 2.35
A pile-up near Bangor, Maine, killed two. | Bangor | US | 44.80 -68.77
She comes from Arlington, Virginia. | Arlington | US | 38.88 -77.10
She comes from Arlington, Texas. | Arlington | US | 32.74 -97.11
Their office is in Wilmington, Delaware. | Wilmington | US | 39.75 -75.55
He lives in London, Ontario. | London | CA | 42.98 -81.23
He lives in London, Ontario. | Ontario | CA | 50 -86
He lives in London. | London | GB | 51.51 -0.13
He was born in Birmingham, Alabama. | Birmingham | US | 33.52 -86.80
Shells fell on Tripoli, Lebanon. | Tripoli | LB | 34.43 35.84
Shells fell on Tripoli, and Libya's army left. | Tripoli | LY | 32.89 13.19
The train to Hyderabad stopped in Sindh; Pakistan's railways gave no reason. | Hyderabad | PK | 25.39 68.37
A bus from Valencia to Caracas burned, Venezuelan police said. | Valencia | VE | 10.16 -68.01
In Santiago, Chile's president spoke. | Santiago | CL | -33.45 -70.67
In Córdoba, Argentina, it rained. | Córdoba | AR | -31.41 -64.18
The road to Cartagena, Colombia, was shut. | Cartagena | CO | 10.40 -75.51
A blast shook Homs and Hama. | Homs | SY | 34.73 36.72
Gunmen entered Maiduguri in Nigeria. | Maiduguri | NG | 11.85 13.16
Oxford is home to scholars, and London to bankers. | Oxford | GB | 51.75 -1.26
A bomb killed two in Benghazi. | Benghazi | LY | 32.11 20.07
A bomb killed two in Kandahar. | Kandahar | AF | 31.61 65.71
Shelling killed two in Kherson. | Kherson | UA | 46.64 32.61
A roadside bomb killed five near Gao. | Gao | ML | 16.27 -0.04
Police in Georgia, north of Armenia, said so. | Georgia | GE | 42 43.5
Police in Atlanta, Georgia, said so. | Georgia | US | 32.75 -83.5
Troops in Niger and in Mali stayed. | Niger | NE | 17.6 9.4
The coast of Victoria, Australia, burned. | Victoria | AU | -36.9 144.3
Talks between China and the United States, and factories in Texas, were in the news. | China | CN | 35 103
Shells fell in Lebanon and the United States said so in Tennessee. | Lebanon | LB | 33.9 35.9
Police in London, Essex and Kent, England, were told. | London | GB | 51.51 -0.13
Police in London, Essex and Kent, England, were told. | Kent | GB | 51.2 0.7
The dam at Mosul held. | Mosul | IQ | 36.34 43.12
"""


@pytest.mark.parametrize("case", cases(WHERE))
def test_the_right_namesake(case: str, read: Read) -> None:
    text, name, country, point = case.split(" | ")
    lat, lon = map(float, point.split())
    one = next(r for r in read(text) if r.mention.name == name)
    assert one.place is not None
    assert one.place.country_code == country
    # A country or a wide state is one whatever its middle point; a town must be itself.
    slack = 0.35 if one.place.feature_class != "A" else 5.0
    assert one.place.point.y == pytest.approx(lat, abs=slack)
    assert one.place.point.x == pytest.approx(lon, abs=slack)


CITIES = """
Benghazi
? Kandahar
Kherson
Gao
Basra
Belgorod
Sirte
Misrata
Kharkiv
Donetsk
Idlib
Aleppo
Homs
Mosul
"""


@pytest.mark.parametrize("name", cases(CITIES))
def test_a_bare_name_means_the_city_and_not_the_province_of_its_name(name: str, read: Read) -> None:
    [one] = read(f"A bomb killed two people in {name}.")
    assert one.place is not None
    assert one.place.feature_class == "P"
    assert one.geo_precision == 1


@pytest.mark.parametrize("name", ["Kandahar", "Kherson", "Aleppo", "Basra"])
def test_the_word_province_asks_for_the_province(name: str, read: Read) -> None:
    [one] = read(f"A bomb killed two people in {name} province.")
    assert one.place is not None
    assert (one.place.feature_code, one.geo_precision) == ("ADM1", 4)


def test_one_sense_in_one_article(read: Read) -> None:
    found = read("Police in Paris, Texas, made two arrests. Paris was calm again. Nobody in Paris was surprised.")
    assert {r.place.country_code for r in found if r.place and r.mention.name == "Paris"} == {"US"}


def test_two_namesakes_told_apart_stay_apart(read: Read) -> None:
    found = read("Police in Paris, Texas, wrote to police in Paris, France.")
    assert [r.place.country_code for r in found if r.place and r.mention.name == "Paris"] == ["US", "FR"]


def test_the_order_of_reading_does_not_depend_on_other_articles(default_gazetteer: Engine) -> None:
    texts = ["A bus burned in Tripoli.", "Lebanese police were in Tripoli, Lebanon, and in Sidon.", "Paris was calm."]
    articles = [Article(str(i), text) for i, text in enumerate(texts)]
    with default_gazetteer.connect() as conn:
        together = reading.read(conn, articles)
        alone = [reading.read(conn, [a])[0] for a in articles]
    assert [r.resolutions for r in together] == [r.resolutions for r in alone]


@pytest.mark.parametrize("name", ["Qarblunistan", "Vostromirsk", "Kellumbo", "Al-Zzyrfa"])
def test_unknown_places_are_nowhere(name: str, read: Read) -> None:
    assert all(r.place is None or r.mention.name != name for r in read(f"Gunmen attacked the village of {name}."))


def test_an_unknown_place_takes_nothing_from_the_others(read: Read) -> None:
    found = read("Shells fell on Mosul, Qarblunistan and Kirkuk.")
    assert [r.place.name for r in found if r.place] == ["Mosul", "Kirkuk"]


def test_a_given_span_that_no_gazetteer_knows_is_answered_with_none(default_gazetteer: Engine) -> None:
    text = "Shells fell on Qarblunistan and on Mosul."
    with default_gazetteer.connect() as conn:
        [one] = reading.read(conn, [Article("a", text)], [[(15, 27), (35, 40)]])
    unknown, mosul = one.resolutions
    assert (unknown.place, unknown.probability, unknown.mention.kind) == (None, 0.0, MentionKind.GIVEN)
    assert mosul.place is not None
    assert mosul.place.id == "geonames:99072"


FACILITIES = """
A drone hit the Ain al-Asad air base. | curated:ain-al-asad-air-base
Workers left the al-Omar oil field. | curated:al-omar-oil-field
Troops hold the Al-Tanf garrison. | curated:al-tanf-garrison
Rockets hit Erbil airport. | airport:ORER
Rockets hit Baghdad International Airport. | airport:ORBI
"""


@pytest.mark.parametrize("case", cases(FACILITIES))
def test_facilities(case: str, read: Read) -> None:
    text, place = case.split(" | ")
    assert place in [r.place.id for r in read(text) if r.place]


def test_an_oil_field_that_is_not_known_is_not_the_country(read: Read) -> None:
    assert [r.place for r in read("The Iraq oil field of that name burned.") if r.mention.text.endswith("field")] in (
        [],
        [None],
    )


@pytest.mark.parametrize(
    ("text", "place", "precision"),
    [
        ("Villages in northeastern Nigeria burned.", "part:NG:NE", 5),
        ("Villages in western Iraq burned.", "part:IQ:W", 5),
        ("Smugglers crossed the Iraq-Syria border.", "border:IQ-SY", 5),
        ("The border between Pakistan and Iran is shut.", "border:IR-PK", 5),
        ("A tanker burned in the Red Sea.", "region:red-sea", 7),
        ("Troops were sent to Mali.", "country:ML", 6),
    ],
)
def test_precision_of_what_is_no_point(text: str, place: str, precision: int, read: Read) -> None:
    assert (place, precision) in [(r.place.id, r.geo_precision) for r in read(text) if r.place]


def test_countries_that_share_no_border(read: Read) -> None:
    [border] = [r for r in read("They spoke of the Iraq-Mali border.") if r.mention.kind is MentionKind.BORDER]
    assert border.place is None


def test_the_side_of_a_border(read: Read) -> None:
    [border] = [
        r
        for r in read("It fell on the Polish side of the border with Ukraine.")
        if r.mention.kind is MentionKind.BORDER
    ]
    assert border.place is not None
    assert (border.place.id, border.place.country_code) == ("border:PL-UA", "PL")


def test_the_border_is_the_one_named_before(read: Read) -> None:
    found = [
        r
        for r in read("They crossed the Chad-Sudan border. Later the border was shut.")
        if r.mention.kind is MentionKind.BORDER
    ]
    assert [r.place.id for r in found if r.place] == ["border:SD-TD", "border:SD-TD"]


@pytest.mark.parametrize(
    ("text", "described", "place"),
    [
        ("A drone hit the Ain al-Asad air base. The same air base was hit in May.", "The same air base", "Ain al-Asad"),
        ("Shells fell on Mosul. The city was calm by noon.", "The city", "Mosul"),
        ("A bomb went off in the Somali capital.", "capital", "Mogadishu"),
        ("A bomb went off in Yemen's capital.", "capital", "Sanaa"),
    ],
)
def test_descriptions_mean_what_was_named(text: str, described: str, place: str, read: Read) -> None:
    [one] = [r for r in read(text) if r.mention.text == described]
    assert one.place is not None
    assert one.place.name.startswith(place)


def test_an_unnamed_base_is_somewhere_in_its_country(read: Read) -> None:
    found = [r for r in read("Rockets hit an Iraqi air base. The same air base was hit in May.") if r.place]
    assert {(r.place.id, r.geo_precision) for r in found if r.place} == {("country:IQ", 6)}


def test_a_description_of_nothing_is_nowhere(read: Read) -> None:
    assert [r.place for r in read("The village was quiet, and so was the air base.")] == [None, None]


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("A patrol was hit 30 km north of Timbuktu.", 17.04, -3.01),
        ("A village 12 miles southeast of Kandahar was hit.", 31.49, 65.85),
        ("A farm 40 kilometres west of Mosul burned.", 36.33, 42.67),
    ],
)
def test_a_distance_is_a_point_of_its_own(text: str, lat: float, lon: float, read: Read) -> None:
    [one] = read(text)
    assert one.place is not None
    assert one.place.point.y == pytest.approx(lat, abs=0.05)
    assert one.place.point.x == pytest.approx(lon, abs=0.05)
    assert one.geo_precision == 2
    assert one.radius_m is not None
    assert one.radius_m >= 5_000


def test_near_widens_the_circle(read: Read) -> None:
    [at], [near] = read("A shell fell in Aleppo."), read("A shell fell near Aleppo.")
    assert (at.geo_precision, near.geo_precision) == (1, 2)
    assert (near.radius_m or 0) > (at.radius_m or 0)


def test_runners_up_are_kept(read: Read) -> None:
    [one] = read("A bus burned in Springfield.")
    assert len({c.place.id for c in one.runners_up}) >= 2
