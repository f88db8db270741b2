"""Owns: the words of the room results.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "results.refused": ("结果表不合约定：", "The tables of the run break their contract:"),
    "results.unreadable": ("结果读不出来：", "The results cannot be read:"),
    "results.no_table": ("本次运行没有这张表；现有的表如下：", "The run did not make this table; it has:"),
    "results.present": ("必须有", "must be there"),
    "results.known_table": ("没有这张表的约定", "no such table in the contract"),
    "results.known_column": ("这张表没有这一列的约定", "no such column in the contract of the table"),
    "results.nearest": ("是不是“{name}”？", "did you mean {name}?"),
    "results.text": ("应为文字", "text"),
    "results.one_row_per_key": ("每个键只能有一行", "one row per key"),
    "results.ledger_closes": ("年初 + 增加 - 减少 应等于年末", "opening + inflows - outflows must equal closing"),
    "results.complete": ("应是一次完整运行留下的目录", "a folder that a finished run left"),
    "results.intact": ("文件缺失或与 manifest.json 不符", "the file is missing or not the one in manifest.json"),
    "results.foreign": (
        "文件夹里有不是 povsim 生成的文件，不能覆盖",
        "the folder holds files that povsim did not make, and they are not to be lost",
    ),
    "results.is_file": ("这个路径或它的上级是文件，不是文件夹", "this path, or one above it, is a file and no folder"),
    "results.no_right": ("这里不许写入", "nothing may be written here"),
    "results.disk_full": ("磁盘已满", "the disk is full"),
    "results.no_folder": ("这里不能建立文件夹或写文件", "no folder or file can be made here"),
    "results.other_folder": ("请用 --out 换一个文件夹", "choose another folder with --out"),
    "results.busy": (
        "另一个任务正在写这个文件夹（进程 {process}）",
        "another job is writing into this folder (process {process})",
    ),
    "results.busy_mend": ("等它结束，或用 --out 换一个文件夹", "wait for its end, or choose another folder with --out"),
    "results.years": ("模拟年度", "simulated years"),
    "results.years_value": ("{first} 至 {last} 年（起点：{opening} 年末）", "{first} to {last} (from the end of {opening})"),
    "results.replicates": ("重复次数", "replicates"),
    "results.seed": ("随机种子", "seed"),
    "results.scope": ("模拟范围", "scope"),
    "results.scope_all": ("全部农户", "all farm households"),
    "results.scope_registered": ("仅建档立卡户", "Registered households only"),
    "results.run": ("运行编号", "run"),
    "results.table": ("数据表", "table"),
    "results.row": ("行数", "rows"),
    "results.columns": ("列数", "columns"),
    "results.title": ("{place}：{scenario}", "{place}: {scenario}"),
    "results.data": ("数据", "data"),
    "results.registry": ("建档立卡数据", "registry data"),
    "results.synthetic": ("合成数据，非真实农户", "Synthetic data, no real households"),
}
