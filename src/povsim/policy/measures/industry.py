"""Owns: what an industry project (产业) yields year by year, and what can go wrong with it.
Never: who gets one, or how a household's land and hands are shared out (engine.allocation, engine.measures)."""

from __future__ import annotations

from typing import Any

from povsim.policy.kind import Kind, Shared, clip, entry, exp, floor, maximum, minimum, pick, sqrt, where

Value = Any  # a number or a column
DAYS_A_MONTH = 25.0  # working days


def units_begun(
    scale: Value, land: Value, land_unit: Value, hill: Value, hill_unit: Value, hands: Value, days_unit: Value
) -> Value:
    """Units (mu, head) a household can begin: its scale, within free farmland, hill land and hands (months a year)."""
    by_land = where(land_unit > 0.0, land / maximum(land_unit, 1e-9), scale)
    by_hill = where(hill_unit > 0.0, hill / maximum(hill_unit, 1e-9), scale)
    by_hands = where(days_unit > 0.0, hands * DAYS_A_MONTH / maximum(days_unit, 1e-9), scale)
    return maximum(minimum(minimum(scale, by_land), minimum(by_hill, by_hands)), 0.0)


def bearing(ramp: Value, grown: Value, decline: Value, decline_from: Value) -> Value:
    """Share of full output after ``grown`` years of tending: none in gestation, the ramp, then the decline of old plants."""
    past = maximum(floor(grown) + 1.0 - decline_from, 0.0)
    return pick(ramp, floor(grown + 1e-9)) * maximum(1.0 - decline * past, 0.0)


def labour_needed(units: Value, days_unit: Value, output: Value, gestation_labour: Value) -> Value:
    """Months of hands in a year: by output, and never less than the tending that young plants need."""
    return units * days_unit / DAYS_A_MONTH * maximum(output, gestation_labour)


def share_worked(hands: Value, needed: Value) -> Value:
    """Share of the work that gets done with the hands that are left (months)."""
    return where(needed > 0.0, minimum(maximum(hands, 0.0) / maximum(needed, 1e-9), 1.0), 1.0)


def next_log_price(log_price: Value, price_z: Value, price_sd: Value, persistence: Value) -> Value:
    """Log price of the product against its usual price: AR(1) whose lasting spread is ``price_sd``."""
    return persistence * log_price + price_sd * sqrt(1.0 - persistence * persistence) * price_z


def market_price(log_price: Value, price_sd: Value) -> Value:
    """Price against its usual level, 1 on the long average."""
    return exp(log_price - 0.5 * price_sd * price_sd)


def price_received(market: Value, linked: Value, premium: Value, price_floor: Value, guaranteed: Value) -> Value:
    """Price of a holder: if linked, with the premium, never under the floor, the guaranteed share at the usual price at least."""
    contract = maximum(market * (1.0 + premium), price_floor)
    return where(linked > 0.0, guaranteed * maximum(contract, 1.0) + (1.0 - guaranteed) * contract, market)


def fails(u: Value, linked: Value, failure_linked: Value, failure_own: Value) -> Value:
    """Whether the project itself fails this year; hazard by its link to a firm or co-operative."""
    return u < where(linked > 0.0, failure_linked, failure_own)


def share_lost(hit: Value, disaster_loss: Value) -> Value:
    """Share of the output lost to a disaster."""
    return where(hit > 0, disaster_loss, 0.0)


def margin_earned(
    units: Value,
    output: Value,
    price: Value,
    lost: Value,
    unpaid: Value,
    gross: Value,
    margin: Value,
    upkeep: Value,
    skill: Value,
) -> Value:
    """Revenue less cash cost, yuan.

    Cost runs with output, and in the years before bearing at the share ``upkeep``; what is lost or left unpaid has cost as much.
    """
    revenue = gross * output * price * (1.0 - lost) * (1.0 - unpaid)
    cost = (gross - margin) * maximum(output, upkeep)
    return units * skill * (revenue - cost)


def insurance(
    insured: Value,
    units: Value,
    output: Value,
    gross: Value,
    lost: Value,
    deductible: Value,
    paid_share: Value,
    premium: Value,
    subsidised: Value,
) -> tuple[Value, Value, Value]:
    """Farm insurance (产业保): what it pays on a loss over the deductible, the holder's premium and the subsidised one, yuan."""
    whole = insured * units * output * gross
    return (
        whole * paid_share * maximum(lost - deductible, 0.0),
        whole * premium * (1.0 - subsidised),
        whole * premium * subsidised,
    )


def own_outlay(grant: Value, own_share: Value) -> Value:
    """The holder's own part of the start-up cost, of which the grant is the rest, a hundredth at least, yuan."""
    return grant * own_share / maximum(1.0 - own_share, 0.01)


def written_off(left: Value, whole: Value, years: Value, ends: Value) -> Value:
    """Own outlay charged to a year: an even share of it, all that is left when the project ends; a year at least."""
    return where(ends, left, minimum(left, whole / maximum(years, 1.0)))


# --- hooks -----------------------------------------------------------------------------------------------


def _per_unit(p: Any) -> tuple[float, float, float, float]:
    """Farmland and hill (mu), working days, and usual units of the product."""
    on_hill, land = entry(p.on_hill, p.product), entry(p.land, p.product)
    return land * (1.0 - on_hill), land * on_hill, entry(p.days, p.product), entry(p.scale, p.product) * p.scale_factor


def _units(view: Any, p: Any) -> Any:
    land, hill, days, scale = _per_unit(p)
    return units_begun(scale, view.free_land, land, view.free_hill, hill, view.able_months, days)


def fits(view: Any, p: Any) -> Any:
    """Land and hands for at least the smallest project; one that failed is not begun again."""
    return (view.over == 0) & (_units(view, p) >= p.least_share * _per_unit(p)[3])


def begins(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """What a new holder starts with; holders differ lastingly in what they make of it."""
    firms = max(int(p.firms), 1)
    return {
        "units": _units(view, p),
        "skill": exp(p.spread * u.skill_z - 0.5 * p.spread * p.spread),
        "linked": where(u.linked < p.linked, 1.0, 0.0),
        "firm": minimum(floor(u.firm * firms), firms - 1.0),
        "insured": where(u.insured < p.insured, 1.0, 0.0),
        "outlay": own_outlay(p.grant, p.own_share),
    }


def keeps(view: Any, held: Any, p: Any, u: Any) -> Any:
    """Until it fails or its working life is over."""
    return (held.failed == 0.0) & (view.year_held <= entry(p.life, p.product))


def costs(view: Any, p: Any) -> dict[str, Any]:
    """Grant at the start, at most one award a year, and the subsidised premium of a full crop."""
    _, _, _, scale = _per_unit(p)
    premium = scale * entry(p.gross, p.product) * p.premium * p.premium_subsidised
    return {"budget": where(view.first, p.grant, 0.0) + p.award + premium}


def helps(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """The land it stands on."""
    land, hill, _, _ = _per_unit(p)
    return {"land": held.units * land, "hill": held.units * hill}


def yields(view: Any, held: Any, p: Any, u: Any) -> dict[str, Any]:
    """One year of the project."""
    name = p.product
    log_price = next_log_price(held.log_price, u.price_z, entry(p.price_sd, name), p.persistence)
    firm_fails = pick(where(u.firm_fails < p.firm_failure, 1.0, 0.0), held.firm) * held.linked
    failed = where(fails(u.fails, held.linked, p.failure_linked, p.failure_own), 1.0, 0.0)
    output = bearing(entry(p.ramp, name), held.grown, entry(p.decline, name), entry(p.decline_from, name)) * view.months / 12.0
    needed = labour_needed(held.units, entry(p.days, name), output, p.gestation_labour) * (1.0 - failed)
    worked = share_worked(view.hands, needed)
    output = output * worked * (1.0 - failed)
    lost = share_lost(view.hit, p.disaster_loss)
    market = market_price(log_price, entry(p.price_sd, name)) * p.price_level
    price = price_received(market, held.linked, p.price_premium, p.price_floor, p.guaranteed)
    earned = margin_earned(
        held.units, output, price, lost, firm_fails * p.firm_unpaid, entry(p.gross, name), entry(p.margin, name),
        p.upkeep * (1.0 - failed) * view.months / 12.0, held.skill,
    )  # fmt: skip
    payout, premium, subsidy = insurance(
        held.insured * view.paid,
        held.units,
        output,
        entry(p.gross, name),
        lost,
        p.deductible,
        p.loss_paid,
        p.premium,
        p.premium_subsidised,
    )
    charge = written_off(held.outlay, own_outlay(p.grant, p.own_share), p.write_off_years, failed > 0.0)
    awarded = view.paid * (1.0 - failed) * where(u.awarded < p.awarded, p.award, 0.0)
    return {
        "industry": earned + payout - premium - charge,
        "award": awarded,
        "grant": where(view.first, p.grant, 0.0),
        "in_kind": subsidy,
        "labour": needed * worked,
        "grown": held.grown + clip(worked, 0.0, 1.0) * (1.0 - failed),
        "failed": failed,
        "linked": held.linked * (1.0 - firm_fails),
        "outlay": held.outlay - charge,
        "log_price": log_price,
    }


KIND = Kind(
    name="industry",
    holder="household",
    own={"units": 0.0, "skill": 1.0, "linked": 0.0, "firm": 0.0, "insured": 0.0, "outlay": 0.0, "grown": 0.0, "failed": 0.0},
    common={"log_price": 0.0},
    draws={"fails": 400, "awarded": 401},
    lasting={"linked": 404, "firm": 405, "insured": 406, "skill_z": 464},
    shared={"price_z": Shared(468, "product"), "firm_fails": Shared(408, "firm", "firms")},
    fits=fits,
    begins=begins,
    keeps=keeps,
    costs=costs,
    helps=helps,
    yields=yields,
    pays=("award",),
    stays=True,
)
