"""Lists to fill in: the right headings, and the reader's own places already in them."""

from __future__ import annotations

from collections.abc import Iterator

from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from surveys import areas
from surveys.areas import Area
from surveys.weighting.margins import AGES, SEX_WORDS, SEXES
from webapp.office import office
from webapp.staff import tables
from webapp.staff.door import blueprint

SEX_ZH = {code: word for word, code in reversed(SEX_WORDS.items())}


@blueprint.get("/frame/<any(places, population, addresses):what>/list.csv")
def empty_list(what: str) -> ResponseReturnValue:
    """A list to fill in; the headings are Chinese, as its readers are."""
    with office().database.read() as session:
        found = areas.tree(session, current_user.area_id)
        rows = {"places": _places, "population": _population, "addresses": _addresses}[what]
        return tables.download(f"{what}.csv", list(rows(session, found)))


def _places(session: Session, found: list[Area]) -> Iterator[tables.Row]:
    codes = {area.id: area.code for area in found}
    for area in found:
        if area.parent_id is not None and area.parent_id not in codes:
            codes[area.parent_id] = session.get_one(Area, area.parent_id).code
        yield _place(
            area.code, codes.get(area.parent_id or 0, ""), area.level, area.name_zh, area.name_en
        )
    if not found:
        yield _place("demo", "", "township", "示例镇", "")
        yield _place("demo-01", "demo", "community", "东村", "")


def _place(code: str, parent: str, level: str, name: str, name_en: str) -> tables.Row:
    word = areas.LEVEL_WORDS[level][0]
    return {"编码": code, "上级": parent, "级别": word, "名称": name, "英文名称": name_en}


def _population(_session: Session, found: list[Area]) -> Iterator[tables.Row]:
    places = [(area.code, area.name_zh) for area in found if area.level == "community"]
    for code, name in places or [("demo-01", "东村")]:
        for sex in SEXES:
            for age in AGES:
                yield {
                    "社区编码": code,
                    "名称": name,
                    "性别": SEX_ZH[sex],
                    "年龄段": f"{age}岁" if age[-1] != "+" else "65岁及以上",
                    "人数": "",
                }


def _addresses(_session: Session, found: list[Area]) -> Iterator[tables.Row]:
    places = [area.code for area in found if area.level == "community"]
    for code in places[:1] or ["demo-01"]:
        for housing, building, unit, door in (
            ("有物业小区", "3", "1", "501"),
            ("农村住宅", "", "", "15"),
        ):
            yield {
                "社区编码": code,
                "网格": "01",
                "住房类型": housing,
                "地址": "阳光小区" if building else "大塘组",
                "楼栋": building,
                "单元": unit,
                "门牌": door,
            }
