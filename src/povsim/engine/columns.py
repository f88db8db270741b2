"""Owns: the row numbers of the state matrices (one place, so that NumPy and compiled bodies name the same things).
Never: allocates or fills them (engine.state)."""

from __future__ import annotations

from typing import Final

# persons, int32: State.pi
PERSON_INTS: Final = (
    "ALIVE",  # 1 belongs to the household, 0 not (died, left, or a place nobody has taken)
    "GONE",  # schema.Departure: why not; EMPTY for a free place
    "SLOT",  # identity within the household; never used twice
    "SEX",
    "AGE",  # completed years at the end of the income year
    "RELATION",
    "SCHOOLING",
    "STAGE",
    "STAGE_YEAR",  # years spent in the stage, 1 in its first year
    "HEALTH",
    "SICK_YEARS",  # years since onset of serious illness or disability (1 in its year) while it costs labour, else 0
    "CAPACITY",
    "WORK",
    "EVER_WORKED",
    "MONTHS",  # paid months in this income year, in tenths of a month (85 = 8.5 months)
    "SICK_MONTHS",  # months of labour lost to own illness or accident this year, in tenths of a month
    "CARE_MONTHS",  # months of labour lost to caring this year, in tenths of a month
    "LOST_MONTH",  # month in which work was lost this year, 0 if not
    "FOUND_MONTH",  # month in which work was found, or a post begun, this year, 0 if not
    "RESIDENT",
    "DIBAO",  # 低保 class 0..3
    "TEKUN",
    "INSURED",
    "PENSION",
    "POST",  # 1 + index of the measure whose post is held, 0 for none
    "NEW",  # 1 born this year, 2 married or moved in this year, else 0
    "HOME",  # 1 came home from work away for good
    "PAID",  # schema.Work of this year's paid months (WORK is where the year ends)
    "AIDED",  # 1: a measure keeps this student in school
)
(
    ALIVE, GONE, SLOT, SEX, AGE, RELATION, SCHOOLING, STAGE, STAGE_YEAR, HEALTH, SICK_YEARS, CAPACITY, WORK, EVER_WORKED,
    MONTHS, SICK_MONTHS, CARE_MONTHS, LOST_MONTH, FOUND_MONTH, RESIDENT, DIBAO, TEKUN, INSURED, PENSION, POST, NEW, HOME,
    PAID, AIDED,
) = range(len(PERSON_INTS))  # fmt: skip

# persons, float64: State.pf
PERSON_FLOATS: Final = (
    "WAGE_EFFECT",  # permanent log wage effect a
    "WAGE_SHOCK",  # AR(1) log wage shock u
    "MIXING",  # lasting log effect on finding work
    "WAGE_MONTH",  # yuan a month in the job held this year
    "USUAL",  # usual months a year in the job held (initial workers: backed out from their income)
    "FIND_HELP",  # measures: factor on the chance of finding work this year (1 = none)
    "WAGE_HELP",  # measures: factor on wages (1 = none)
    "POST_WAGE",  # yuan a month of the post held
    "POST_MONTHS",  # paid months of the post this year
    "ONSET_HELP",  # measures: factor on the chance to fall seriously ill next year (1 = none)
    "BILL",  # yuan of this year's bills of a serious illness or an accident that the person pays
)
(
    WAGE_EFFECT, WAGE_SHOCK, MIXING, WAGE_MONTH, USUAL, FIND_HELP, WAGE_HELP, POST_WAGE, POST_MONTHS, ONSET_HELP, BILL,
) = range(len(PERSON_FLOATS))  # fmt: skip

# households, int64: State.hi
HOUSE_INTS: Final = (
    "VILLAGE",
    "STATUS",
    "MONITORING",
    "ORIGIN",  # the type (UNSTABLE, MARGINAL, SUDDEN) by which it came under watch last, 0 if never
    "WATCHED_FROM",  # month (12 x year + 1 to 12) of its identification, 0 if never
    "ALERTED",  # month of the event behind the last alert, counted likewise
    "ALERT_DUE",  # month in which an alert is decided, 0 if none waits
    "CHANNEL",  # 1 + schema.Channel by which the last alert was found, 0 if none
    "LAYER",  # schema.Layer
    "CATEGORY",
    "CAUSE",
    "YEAR_IDENTIFIED",
    "YEAR_EXITED",  # last exit
    "YEAR_RETURNED",
    "YEARS_ABOVE",  # years in a row with reported income above the exit line
    "SIZE",  # persons now
    "SIZE_OPEN",  # persons at the opening of the year
    "LABOURERS",  # ordinary or skilled
    "WEAKS",  # weak or half labour
    "STUDENTS",
    "ELDERS",  # 60 and over
    "SICKS",  # chronic, serious or disabled
    "NEXT_SLOT",
    "LISTED",  # on this year's list of those who are to leave (预脱贫)
    "NETTED",  # 0 not on the safety net, else year first listed in this spell
    "HOUSE_SAFE",
    "WATER_SAFE",
    "SCHOOL_SAFE",  # no child of compulsory age out of school
    "INSURED_ALL",  # everybody has medical insurance
    "RELOCATED",
    "RESETTLED",
    "PV_LINKED",
    "HIT",  # struck by a disaster this year
    "DELIVERED",  # measures held this year, counted
    "HELPED",  # 1: has held a measure since it was registered
    "DEATHS",
    "BIRTHS",
    "ARRIVALS",
    "DEPARTURES",  # persons of this year
    "WORKER_LOST",  # deaths, disabilities or departures of workers this year
    "LOST_SINCE",  # the same, summed since the last exit
    "DISABLED_SINCE",  # of these, workers who are still there but disabled
    "CHRONIC_AT_EXIT",  # fen of these own-paid costs in the year of the last exit, -1 where not known
    "SCHOOLING_AT_EXIT",
    "SIZE_AT_EXIT",  # persons at the last exit
    "STOOD",  # 1: at the first exit its income before the safety net was above the line
    "FIRST_EXIT",  # year of the first exit, at or after the opening; 0 if none
    "FELL_BEFORE_NET",  # year in which each reading of return first came true after the first exit, 0 if never
    "FELL_LINE",
    "FELL_SURVEY",
    "FELL_REGISTERED",
    "FALL_CAUSE",  # schema.Cause of the first fall, income reading
    "INELIGIBLE",  # 1: someone is on the public payroll or a village officer, so that a check would remove it
    "SECURED",  # schema.Route of the measure that supplied a guarantee it lacked; 0 also where none did
    "ROUTE",  # 1 + schema.Route of the last exit, 0 if none
    "ENTERPRISE_FAILED",  # 1: since the last exit a firm or an activity that a measure had put money in failed
    "TERM_ENDED",  # 1: since the last exit an activity on a loan ended as agreed
    "SUPPORT_USUAL",  # fen a year that children send by themselves
    "TRANSFERS_WITHIN",  # fen that measures pay this year and the usual other transfers hold already
    "HOUSE_COMING",  # 1: a measure that it holds will supply a safe house, and has not yet
    "WATER_COMING",
)
(
    VILLAGE, STATUS, MONITORING, ORIGIN, WATCHED_FROM, ALERTED, ALERT_DUE, CHANNEL, LAYER, CATEGORY, CAUSE, YEAR_IDENTIFIED,
    YEAR_EXITED, YEAR_RETURNED, YEARS_ABOVE, SIZE, SIZE_OPEN, LABOURERS, WEAKS, STUDENTS, ELDERS, SICKS, NEXT_SLOT, LISTED,
    NETTED, HOUSE_SAFE, WATER_SAFE, SCHOOL_SAFE, INSURED_ALL, RELOCATED, RESETTLED, PV_LINKED, HIT,
    DELIVERED, HELPED, DEATHS, BIRTHS, ARRIVALS, DEPARTURES, WORKER_LOST, LOST_SINCE, DISABLED_SINCE, CHRONIC_AT_EXIT,
    SCHOOLING_AT_EXIT, SIZE_AT_EXIT, STOOD,
    FIRST_EXIT, FELL_BEFORE_NET, FELL_LINE, FELL_SURVEY, FELL_REGISTERED, FALL_CAUSE, INELIGIBLE, SECURED, ROUTE,
    ENTERPRISE_FAILED, TERM_ENDED,
    SUPPORT_USUAL, TRANSFERS_WITHIN, HOUSE_COMING, WATER_COMING,
) = range(len(HOUSE_INTS))  # fmt: skip

# households, float64: State.hf
HOUSE_FLOATS: Final = (
    "LAND",  # mu of farmland
    "FOREST",
    "LAND_USED",  # mu planted by measures this year
    "HANDS_USED",  # months of the household's hands that measures take this year
    "FARM_SCALE",  # factor that meets the household's stated operating income in the opening year
    "FARM_SHOCK",  # persistent log deviation of farming
    "TRANSFER_SCALE",  # factor that meets the household's stated transfers in the opening year
    "HOUSE_HELP",  # factor on finding work for all its members this year (the list, measures)
    "REPORTED",  # reported registry income per head this year, yuan
    "REPORTED_LAST",
    "TRUE_HEAD",  # true registry income per head this year, yuan
    "BEFORE_NET",  # the same before the safety net
    "TRUE_LAST",
    "REFERENCE",  # reference income per head of monitoring, yuan
    "AT_EXIT",  # true registry income per head in the year of the last exit
    "WAGE_LAG",  # 1 where wages lag behind the migrant mean (registered at the opening), else 0
    "PREMIUM_HELP",  # measures: share of next year's medical insurance premium paid for it; -1 where none ever paid any
    "HOUSE_LUCK",  # lasting draw that says how bad the house is, once it is unsafe
)
(
    LAND, FOREST, LAND_USED, HANDS_USED, FARM_SCALE, FARM_SHOCK, TRANSFER_SCALE, HOUSE_HELP, REPORTED, REPORTED_LAST, TRUE_HEAD,
    BEFORE_NET, TRUE_LAST, REFERENCE, AT_EXIT, WAGE_LAG, PREMIUM_HELP, HOUSE_LUCK,
) = range(len(HOUSE_FLOATS))  # fmt: skip

# villages: State.vi (int64, fen where money), State.vf (float64)
VILLAGE_INTS: Final = (
    "PROCEEDS",  # fen received this year: of its own and from stations
    "PROCEEDS_LAST",
    "RESERVE",
    "POOR",  # 1 a poor village (贫困村)
    "STRUCK",  # 1 a disaster this year
    "DRY",  # 1 its springs ran dry this year
    "TRADE",  # 1 its leading trade is certified
    "SUPPLIED",  # 1 safe water, a paved road and a clinic are there
    "OUT",  # year in which it left the poor villages (村出列), 0 if not yet
)
(PROCEEDS, PROCEEDS_LAST, RESERVE, POOR, STRUCK, DRY, TRADE, SUPPLIED, OUT) = range(len(VILLAGE_INTS))
VILLAGE_FLOATS: Final = (
    "BASE_INCOME",  # yuan a year that the village earns by itself (rent, assets), stations apart
    "FARM_PERSONS",  # farm population by registration
    "JOB_MARKET",  # factor of the year on losing work: that of the town, the same in all its villages
    "FARM_PRICE",  # log price of ordinary farm produce against the usual one: likewise
)
(BASE_INCOME, FARM_PERSONS, JOB_MARKET, FARM_PRICE) = range(len(VILLAGE_FLOATS))
