"""Boundaries of places: uploaded as GeoJSON, checked, and read for a map without a map server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys import audit
from surveys.areas import Area
from surveys.boundaries import Boundary
from surveys.problems import N_, Problem, Refused

Ring = list[list[float]]

MOST_POINTS = 500  # of a ring; a map on a screen needs no more


def of(session: Session, places: Sequence[Area]) -> dict[int, list[Ring]]:
    """The rings of some places, by id of the place; those without an outline are absent."""
    ids = [place.id for place in places]
    query = sa.select(Boundary.area_id, Boundary.rings).where(Boundary.area_id.in_(ids))
    return {area_id: stored["rings"] for area_id, stored in session.execute(query)}


def upload(session: Session, data: bytes, places: Sequence[Area], actor: str) -> int:
    """Put the outlines of a GeoJSON file in the place of those there were.

    Parameters
    ----------
    data : bytes
        A FeatureCollection of polygons; a property ``code`` (or ``name``) of each says whose it is.
    places : sequence of Area
        Those that may be drawn.

    Returns
    -------
    int
        How many places have an outline now.

    Raises
    ------
    Refused
        Naming each feature that cannot be used, and why.
    """
    known = {place.code: place for place in places}
    known |= {name: place for place in places for name in (place.name_zh, place.name_en) if name}
    found: dict[int, list[Ring]] = {}
    problems = []
    for number, feature in enumerate(_features(data), start=1):
        properties = feature.get("properties") or {}
        name = str(properties.get("code") or properties.get("name") or "")
        place = known.get(name)
        rings = list(_rings(feature.get("geometry") or {}))
        if place is None:
            text = N_("Feature %(number)d: there is no place “%(name)s” here.")
            problems.append(Problem(text, {"number": number, "name": name[:40]}))
        elif not rings:
            text = N_("Feature %(number)d: the outline is no polygon of longitude and latitude.")
            problems.append(Problem(text, {"number": number}))
        else:
            found[place.id] = found.get(place.id, []) + rings
    if problems:
        raise Refused(*problems[:10])
    session.execute(sa.delete(Boundary).where(Boundary.area_id.in_(found)))
    for area_id, rings in found.items():
        session.add(Boundary(area_id=area_id, rings={"rings": rings}, actor=actor))
    audit.record(session, actor, "boundaries.upload", str(len(found)), places=len(found))
    return len(found)


def _features(data: bytes) -> list[Mapping[str, Any]]:
    try:
        read = json.loads(data)
        features = read["features"]
        if not all(isinstance(one, dict) for one in features):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(Problem(N_("The file is no GeoJSON FeatureCollection."))) from error
    return list(features)


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    polygons: Any = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(str(kind)) or []
    try:
        for polygon in polygons:
            for ring in polygon:
                points = [[float(point[0]), float(point[1])] for point in ring]
                if len(points) < 4 or not all(
                    -180 <= x <= 180 and -90 <= y <= 90 for x, y in points
                ):
                    return
                step = max(1, len(points) // MOST_POINTS)
                yield [[round(x, 6), round(y, 6)] for x, y in points[::step]]
    except (TypeError, ValueError, IndexError):
        return
