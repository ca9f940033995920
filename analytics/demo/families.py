"""Families of crime types and location types with similar places and times."""

from __future__ import annotations

FAMILY_TYPES: dict[str, tuple[str, ...]] = {
    "theft": ("THEFT",),
    "vehicle": ("MOTOR VEHICLE THEFT",),
    "burglary": ("BURGLARY",),
    "damage": ("CRIMINAL DAMAGE", "ARSON", "CRIMINAL TRESPASS"),
    "violent": (
        *("ASSAULT", "BATTERY", "ROBBERY", "HOMICIDE", "CRIM SEXUAL ASSAULT"),
        *("CRIMINAL SEXUAL ASSAULT", "KIDNAPPING", "INTIMIDATION", "STALKING"),
    ),
    "fraud": ("DECEPTIVE PRACTICE",),
    "proactive": (
        *("NARCOTICS", "PROSTITUTION", "GAMBLING", "LIQUOR LAW VIOLATION", "WEAPONS VIOLATION"),
        *("INTERFERENCE WITH PUBLIC OFFICER", "PUBLIC PEACE VIOLATION"),
        *("CONCEALED CARRY LICENSE VIOLATION", "OTHER NARCOTIC VIOLATION"),
    ),
}
OTHER = "other"
FAMILIES = (*FAMILY_TYPES, OTHER)
_FAMILY_OF = {name: family for family, names in FAMILY_TYPES.items() for name in names}

# The first match wins. Stations and airports are single sites, not streets.
SETTING_WORDS: dict[str, tuple[str, ...]] = {
    "station": ("POLICE FACILITY",),
    "airport": ("AIRPORT", "AIRCRAFT"),
    "home": ("RESIDEN", "APARTMENT", "HOUSE", "CHA ", "DRIVEWAY", "PORCH", "YARD", "NURSING"),
    "street": ("STREET", "SIDEWALK", "ALLEY", "VEHICLE", "PARKING", "AUTO", "HIGHWAY", "BRIDGE"),
    "business": (
        *("STORE", "RESTAURANT", "BAR ", "TAVERN", "BANK", "ATM", "HOTEL", "COMMERCIAL"),
        *("OFFICE", "CURRENCY", "GAS STATION", "CLUB", "SALON", "BARBER", "CLEANING", "SHOP"),
    ),
}
PUBLIC = "public"
STREET_SETTINGS = ("home", "street", "business", PUBLIC)


def family(crime_type: str) -> str:
    """The family of a crime type."""
    return _FAMILY_OF.get(crime_type, OTHER)


def setting(location_type: str | None) -> str:
    """The kind of place of a location type; an unknown one counts as public."""
    if location_type is None:
        return PUBLIC
    for name, words in SETTING_WORDS.items():
        if any(word in location_type for word in words):
            return name
    return PUBLIC
