"""Owns: what health support (健康扶贫) adds to basic medical insurance: premium, top-up, cap, chronic cover, contract doctor.
Never: who falls ill (engine.people), or what basic insurance and relief pay of a bill (engine.shocks).

Basic is what there is without any such measure: the shares reimbursed by category and era and the chronic cost after cover
(``params/health.yaml``), and a premium paid in full for the registered (``premium_unpaid_subsidised`` of
``params/guarantees.yaml``). The measure begins where basic ends, so that no yuan of a bill is paid twice:

- premium: it says what share of its holders' premium is paid. That takes the place of the basic guess for those who hold it
  or once did: where the subsidy tapers or ends, they pay. Premiums are collected before the year, so that it tells on the
  insurance of the next.
- bills of illness and accident: ``top_up`` pays a share of what basic leaves, by category and era; of the rest the cap
  (年度个人自付封顶) leaves a person so much in a year, by where the hospital is. Only the insured are covered. The basic
  shares are those of a place with supplements and a cap in force (2% of its bills), therefore ``top_up`` is 0 unless stated;
  who does not want these 2% twice lowers ``health.reimbursed_*`` by as much.
- chronic cover pays a share of the own cost of a chronic illness.
- a contract doctor makes serious illness rarer from the next year on. For bills that do not come nobody pays.

All of it cuts rigid expenditure and is no income. List it before an insurance, which pays on what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from povsim.policy.kind import Kind, Monitoring, Status, minimum, where

Value = Any


def by_category(table: Mapping[str, float], tekun: Value, dibao: Value, status: Value, monitoring: Value) -> Value:
    """Entry of a person: by the person's own support first, then by whether the household is poor, monitored or has left."""
    watched = (monitoring == Monitoring.UNSTABLE) | (monitoring == Monitoring.MARGINAL) | (monitoring == Monitoring.SUDDEN)
    poor = (status == Status.POOR) | (status == Status.RETURNED)
    left = where(status == Status.EXITED, table["exited"], table["other"])
    listed = where(poor, table["poor"], where(watched, table["monitored"], left))
    return where(tekun > 0, table["tekun"], where(dibao > 0, table["dibao"], listed))


def is_covered(insured: Value, u: Value, months: Value) -> Value:
    """Whether this year's bill is covered: of the insured, and not from before the measure began."""
    return (insured == 1) & (u < months / 12.0)


def cap_of(u: Value, treated: Mapping[str, float], cap: Mapping[str, float]) -> Value:
    """The cap of a person's year, by the hospital's level: in the county, the city or the province."""
    in_county, in_city = treated["county"], treated["county"] + treated["city"]
    return where(u < in_county, cap["county"], where(u < in_city, cap["city"], cap["province"]))


def left_to_pay(bill: Value, top_up: Value, capped: Value, cap: Value) -> Value:
    """What a covered person pays of a bill that basic insurance has left, yuan: less the share topped up, at most the cap."""
    rest = bill * (1.0 - top_up)
    return where(capped, minimum(rest, cap), rest)


def chronic_paid(bill: Value, share: Value, insured: Value, months: Value) -> Value:
    """What chronic cover (慢病门诊) pays of a year's own cost, over the months that count, yuan."""
    return where(insured == 1, bill * share * months / 12.0, 0.0)


def signs(u: Value, contracted: Value) -> Value:
    """1 if one has a contract with a doctor that is kept."""
    return where(u < contracted, 1.0, 0.0)


def onset_factor(signed: Value, spared: Value) -> Value:
    """Factor on the chance to fall seriously ill next year."""
    return 1.0 - signed * spared


def upkeep(share: Value, premium: Value, signed: Value, fee: Value, months: Value) -> Value:
    """What is paid for a holder, ill or not, yuan: a share of the premium, and the doctor's fee over the months that count."""
    return share * premium + signed * fee * months / 12.0


# --- hooks -----------------------------------------------------------------------------------------------


def _entry(view: Any, table: Any) -> Any:
    return by_category(table, view.tekun, view.dibao, view.status, view.monitoring)


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """With a contract, or without."""
    return {"signed": signs(u.signs, p.contracted)}


def costs(view: Any, p: Any) -> dict[str, Any]:
    """At most: a contract, and the bills known when it is approved down to the least cap."""
    least = minimum(minimum(p.cap["county"], p.cap["city"]), p.cap["province"])
    hospital = where(view.insured == 1, view.bill - left_to_pay(view.bill, _entry(view, p.top_up), p.capped, least), 0.0)
    chronic = chronic_paid(view.chronic_bill, _entry(view, p.chronic), view.insured, view.months)
    return {"budget": upkeep(_entry(view, p.premium_share), p.premium, 1.0, p.fee, view.months) + hospital + chronic}


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """What tells on the next year: the premium paid, and the doctor's care."""
    return {"premium": _entry(view, p.premium_share), "onset": onset_factor(held.signed, p.spared)}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """What it takes off this year's bills; premium and fee are paid to others for the holder."""
    cap = cap_of(u.level, p.treated, p.cap)
    left = left_to_pay(view.bill, _entry(view, p.top_up), p.capped, cap)
    return {
        "relief_medical_acute": where(is_covered(view.insured, u.falls, view.months), view.bill - left, 0.0),
        "relief_medical_chronic": chronic_paid(view.chronic_bill, _entry(view, p.chronic), view.insured, view.months),
        "in_kind": upkeep(_entry(view, p.premium_share), p.premium, held.signed, p.fee, view.months),
    }


KIND = Kind(
    name="health",
    holder="person",
    own={"signed": 0.0},
    draws={"level": 400, "falls": 401},
    lasting={"signs": 402},
    begins=begins,
    costs=costs,
    helps=helps,
    yields=yields,
)
