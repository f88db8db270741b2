from povsim.report import tables


def test_reported_account_is_blank_where_nothing_was_reported(results):
    table = tables.town(results, "zh")
    assert list(table["脱贫人数"]) == ["1,508", "1,019", "1,595"]
    assert list(table["年末户数"]) == ["—", "—", "1,571"]
    assert table.columns.name == "年度"


def test_spending_counts_holders_in_their_own_unit_and_says_who_pays(results):
    table = tables.spending(results, "zh")
    assert next(iter(table.index)) == "梅岭光伏电站"
    holders = {"茶园产业": "户", "公益性岗位": "人", "村集体收益分配": "村"}
    assert {title: table["享受对象（年均）"][title].split()[1] for title in holders} == holders
    public = table["财政资金（年均，万元）"]
    assert (public["梅岭光伏电站"], public["村集体收益分配"]) == ("运行靠售电收入", "由村集体收益支付")
    assert table.loc["梅岭光伏电站", "一次性建设投资（万元）"] == "1,000.0 (1,000.0–1,000.0)"
    tea = results["spending"].query("measure == 'tea'")
    yearly = tea.groupby("replicate")[["cash", "kind_value", "overhead"]].sum().sum(axis=1).sort_values() / 5e4
    assert public["茶园产业"] == f"{yearly.iloc[19]:,.1f} ({yearly.iloc[1]:,.1f}–{yearly.iloc[37]:,.1f})"


def test_a_measure_without_money_says_so(make_results, results):
    money = results["spending"].copy()
    money.loc[money["measure"] == "posts", ["cash", "kind_value", "overhead", "from_village"]] = 0.0
    table = tables.spending(make_results(tables={**results.tables, "spending": money}), "zh")
    assert table.loc["公益性岗位", "财政资金（年均，万元）"] == "无财政支出"


def test_one_line_says_what_the_pv_households_get(make_results, results):
    line = tables.pv_income(results, "zh")
    assert line.startswith("光伏关联户（2017 年 400 户）")
    assert "电站直接分红，每户 2017 年" in line
    assert "折合每户 2018 年" in line
    without = results["spending"].query("measure != 'pv_meiling'")
    assert tables.pv_income(make_results(tables={**results.tables, "spending": without}), "zh") == ""


def test_the_ledger_and_the_causes_are_shown(results):
    account = tables.account(results, "zh")
    assert account.loc["2017 年（户）", "年初数"] == "1,571"
    assert account.loc["2021 年（人）", "年末数"].endswith(")")
    assert list(tables.causes(results, "zh").index) == ["务工收入减少或失业", "因病"]
    assert all(tables.label(f"report.cause_{cause.name}") for cause in tables.Cause if cause)
    assert "样本镇工作报告" in tables.source(results, "zh")


def test_villages_of_the_last_year(results):
    table = tables.villages(results, "zh")
    assert list(table.index) == ["梅岭", "白畈", "沃孜"]
    assert table.loc["白畈", "2021 年末未脱贫户数"] == "16 (13–19)"
    assert "3 个" in tables.size(results, "zh")
