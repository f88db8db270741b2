from povsim.report import tables


def test_reported_account_is_blank_where_nothing_was_reported(results):
    table = tables.town(results, "zh")
    assert list(table["脱贫人数"]) == ["1,508", "1,019", "1,595"]
    assert list(table["年末户数"]) == ["—", "—", "1,571"]
    assert table.columns.name == "年度"


def test_spending_has_titles_and_the_dearest_first(results):
    table = tables.spending(results, "zh")
    assert list(table.index) == ["梅岭光伏电站", "农村低保", "公益性岗位", "茶园产业"]
    assert list(table["每年享受户 (人) 数"]) == ["400", "300", "200", "100"]
    dearest = results["spending"].query("measure == 'pv_meiling'")
    yearly = dearest.groupby("replicate")[["cash", "kind_value", "village", "overhead"]].sum().sum(axis=1) / 5
    assert table["每年支出 (万元)"].iloc[0] == f"{yearly.sort_values().iloc[19] / 1e4:,.1f}"


def test_villages_of_the_last_year(results):
    table = tables.villages(results, "zh")
    assert list(table.index) == ["梅岭", "白畈", "沃孜"]
    assert table.loc["白畈", "2021 年末未脱贫户数"] == "16 (13–19)"
    assert "3 个" in tables.size(results, "zh")
