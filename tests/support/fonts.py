"""Makes the font of what is printed: ``python -m tests.support.fonts NotoSansCJK-Regular.ttc``.

The wheel must print Chinese where no Chinese font is installed, and all of Noto Sans CJK has 19 MB
for one weight. What is kept are the simplified forms of GB 2312 (6,763 characters and its signs),
the same that ``surveys.printing`` knows to be printable. Done once; the font comes with
Debian's package fonts-noto-cjk, under the SIL Open Font License that stands beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

from surveys import printing

SIMPLIFIED_CHINESE = 2  # place of “Noto Sans CJK SC” in the collection
KEPT = ["kern", "palt", "halt", "chws", "locl", "tnum"]


def repertoire() -> list[int]:
    """Every character that can be printed."""
    return [number for number in range(0x20, 0x10000) if not printing.unprintable(chr(number))]


def main(collection: Path) -> None:
    """Cut the font down and put it into its place."""
    options = subset.Options(
        font_number=SIMPLIFIED_CHINESE, layout_features=KEPT, hinting=False, desubroutinize=False
    )
    font = subset.load_font(str(collection), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=repertoire())
    cutter.subset(font)
    subset.save_font(font, str(printing.FONTS / "NotoSansSC-Regular.otf"), options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
