"""Owns: how the bundled font is cut from Noto Sans SC.
Never: runs in a normal installation; its product is committed under src/povsim/report/fonts_data.

What goes in: GB2312, the 8,105 characters of 通用规范汉字表 (2013; Unihan field kTGH) and symbols. Needs `fonttools[woff]`, and

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3      # package/400Regular/NotoSansSC_400Regular.ttf, package/LICENSE_FONT
    https://www.unicode.org/Public/15.0.0/ucd/Unihan.zip    # Unihan_OtherMappings.txt (Debian: package unicode-data)

    python tools/build_font.py NotoSansSC_400Regular.ttf Unihan_OtherMappings.txt LICENSE_FONT
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

NAME = "Povsim Sans SC"
OUT = Path(__file__).parents[1] / "src" / "povsim" / "report" / "fonts_data"
# Latin, punctuation, super- and subscripts, currency, letterlike, arrows, mathematics, enclosed, shapes, CJK, full-width forms.
SYMBOLS = (
    (0x20, 0x17F), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF),
    (0x2460, 0x24FF), (0x25A0, 0x26FF), (0x3000, 0x303F), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)  # fmt: skip


def gb2312() -> set[int]:
    """Code points of GB2312."""
    codes = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                codes.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return codes


def standard_characters(unihan: Path) -> set[int]:
    """Code points of 通用规范汉字表 in Unihan_OtherMappings.txt."""
    codes = {int(code, 16) for code in re.findall(r"^U\+([0-9A-F]+)\tkTGH\t", unihan.read_text(encoding="utf-8"), re.MULTILINE)}
    if len(codes) != 8105:
        raise SystemExit(f"{unihan}: {len(codes)} characters of the table, 8105 expected")
    return codes


def rename(font: TTFont) -> None:
    """Give the cut font its own name, as a modified version; the licence and its notice stay."""
    names = {1: NAME, 2: "Regular", 3: "povsim;PovsimSansSC-Regular", 4: NAME, 6: "PovsimSansSC-Regular"}
    table = font["name"]
    for record in list(table.names):
        if record.nameID in names or record.nameID in (16, 17, 25):
            table.removeNames(nameID=record.nameID)
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def main() -> None:
    """Cut, rename, write TTF and WOFF2 beside the licence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("font", "unihan", "licence"):
        parser.add_argument(name, type=Path)
    args = parser.parse_args()
    wanted = gb2312() | standard_characters(args.unihan) | {code for first, last in SYMBOLS for code in range(first, last + 1)}
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"])
    options.drop_tables += ["BASE", "GPOS", "GSUB", "STAT", "VORG", "vhea", "vmtx"]  # neither features nor vertical writing
    font = subset.load_font(str(args.font), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    rename(font)
    OUT.mkdir(parents=True, exist_ok=True)
    font.save(OUT / "PovsimSansSC-Regular.ttf")
    font.flavor = "woff2"
    font.save(OUT / "PovsimSansSC-Regular.woff2")
    shutil.copyfile(args.licence, OUT / "OFL.txt")
    print(f"{len(font.getBestCmap())} characters; {', '.join(f'{p.name} {p.stat().st_size:,}' for p in sorted(OUT.iterdir()))}")


if __name__ == "__main__":
    main()
