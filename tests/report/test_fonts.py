from importlib.resources import files

import pytest
from fontTools.ttLib import TTFont

from povsim.report.fonts import FAMILY, missing_glyphs, woff2

DATA = files("povsim.report") / "fonts_data"


def test_every_character_of_gb2312_and_names_beyond_it_can_be_drawn():
    pairs = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    common = "".join(pair.decode("gb2312", errors="ignore") for pair in pairs)
    assert len(common) == 7445
    assert missing_glyphs(common + "镕堃䶮㛃犇喆" + "−±≤≥‰℃¥€①²³⁻¹₂m²－（）—…“”") == ""


def test_a_character_without_a_glyph_is_named_once():
    assert missing_glyphs("脱贫𠀀人\U0001fae0𠀀") == "𠀀\U0001fae0"


def test_the_bundled_font_has_its_own_name_and_its_licence():
    with (DATA / "PovsimSansSC-Regular.ttf").open("rb") as stream:
        font = TTFont(stream)
    names = {record.nameID: str(record) for record in font["name"].names}
    assert {names[1], names[4]} == {FAMILY[0]}
    assert "Source" not in names[1] + names[6]  # the reserved name
    assert "SIL OPEN FONT LICENSE Version 1.1" in (DATA / "OFL.txt").read_text(encoding="utf-8")
    assert ("vhea" in font) == ("vmtx" in font)  # browsers refuse one without the other
    assert len(font.getBestCmap()) > 9_000


def test_the_web_font_is_the_same_font():
    pytest.importorskip("brotli")
    from io import BytesIO

    with (DATA / "PovsimSansSC-Regular.ttf").open("rb") as stream:
        assert TTFont(BytesIO(woff2())).getBestCmap() == TTFont(stream).getBestCmap()
