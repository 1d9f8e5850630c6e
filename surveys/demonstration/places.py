"""The fifteen invented communities of the demonstration township, and what is true of them.

The names come from a child's room, so that nobody takes a figure for that of a real place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TOWNSHIP = "demo"
TOWNSHIP_ZH, TOWNSHIP_EN = "演示街道", "Demonstration Township"
SPONSOR = "演示街道文明办（演示数据）"

# Shares of the housing types: managed, unmanaged, selfbuilt, resettled, rural.
ESTATE = (0.74, 0.16, 0.0, 0.10, 0.0)
OLD_TOWN = (0.22, 0.58, 0.14, 0.06, 0.0)
MIXED = (0.42, 0.28, 0.08, 0.22, 0.0)
NEW_VILLAGE = (0.12, 0.0, 0.22, 0.34, 0.32)
VILLAGE = (0.0, 0.0, 0.30, 0.04, 0.66)


@dataclass(frozen=True)
class Place:
    """A community, its homes and its people's opinions.

    Parameters
    ----------
    households : int
        Addresses on the list.
    housing : tuple of float
        Shares of the housing types, in the order of ``frames.HOUSING``.
    aware, supports, took_part, satisfied : float
        About the share of adults in the newest locked wave; chance and the mix of people move
        the true figure a little.
    change : mapping of topic to float
        Per wave, in logits, where it is not the township's.
    response : float
        How many of the drawn households answer.
    """

    number: int
    zh: str
    en: str
    households: int
    housing: tuple[float, ...]
    aware: float
    supports: float
    took_part: float
    satisfied: float
    change: dict[str, float] = field(default_factory=dict)
    response: float = 0.56

    @property
    def code(self) -> str:
        return f"{TOWNSHIP}-{self.number:02}"


PLACES = (
    Place(1, "云朵社区", "Cloud", 1020, ESTATE, 0.975, 0.975, 0.62, 0.955),
    Place(2, "萤火虫社区", "Firefly", 930, ESTATE, 0.93, 0.95, 0.55, 0.90),
    Place(3, "纸飞机社区", "Paper Plane", 870, MIXED, 0.88, 0.93, 0.48, 0.86),
    # A year of work on one estate: the improvement.
    Place(4, "风铃社区", "Wind Chime", 900, MIXED, 0.955, 0.94, 0.58, 0.90, {"aware": 0.42}),
    Place(5, "蒲公英社区", "Dandelion", 840, OLD_TOWN, 0.84, 0.90, 0.44, 0.82),
    Place(6, "月亮船社区", "Moon Boat", 960, OLD_TOWN, 0.80, 0.88, 0.41, 0.78, response=0.48),
    Place(7, "七巧板社区", "Tangram", 810, MIXED, 0.90, 0.94, 0.52, 0.88),
    Place(8, "蜻蜓社区", "Dragonfly", 780, OLD_TOWN, 0.74, 0.86, 0.36, 0.70),
    # The lifts have stood still since spring: the decline.
    Place(
        9, "橡皮鸭社区", "Rubber Duck", 900, ESTATE, 0.87, 0.89, 0.45, 0.67, {"satisfied": -0.30}
    ),
    Place(10, "稻草人村", "Scarecrow Village", 720, VILLAGE, 0.68, 0.84, 0.33, 0.74),
    Place(11, "青蛙塘村", "Frog Pond Village", 750, VILLAGE, 0.86, 0.96, 0.50, 0.92),
    # Small, far away and tired of questions: too few interviews for a verdict.
    Place(12, "蜗牛坡村", "Snail Hill Village", 140, VILLAGE, 0.82, 0.90, 0.45, 0.85, response=0.2),
    Place(13, "小水车村", "Water Wheel Village", 780, NEW_VILLAGE, 0.78, 0.92, 0.46, 0.84),
    Place(14, "南瓜车村", "Pumpkin Coach Village", 810, NEW_VILLAGE, 0.91, 0.97, 0.66, 0.945),
    Place(15, "星星谷村", "Starry Valley Village", 790, VILLAGE, 0.72, 0.88, 0.39, 0.80),
)
