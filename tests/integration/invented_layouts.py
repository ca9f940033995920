"""Small files of invented agencies: other languages, formats and arrangements of columns."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ROWS = 240
START = datetime(2022, 1, 3, 4, 10)


@dataclass(frozen=True)
class Incident:
    number: int
    when: datetime
    kind: int
    area: int
    lat: float
    lon: float


def incidents(lat: float, lon: float, rows: int = ROWS) -> list[Incident]:
    """Made-up incidents around a place, spread over a year."""
    chance = random.Random(5)  # noqa: S311
    found = []
    for number in range(rows):
        when = START + timedelta(hours=36 * number + chance.randrange(-9, 9), minutes=7 * number)
        there = lat + chance.uniform(-0.05, 0.05), lon + chance.uniform(-0.05, 0.05)
        found.append(Incident(number, when, chance.randrange(4), chance.randrange(6), *there))
    return found


Cell = Callable[[Incident], str]


@dataclass(frozen=True)
class Layout:
    """How an agency writes its file, and which column holds which field."""

    name: str
    place: tuple[float, float]
    columns: Mapping[str, Cell]
    fields: Mapping[str, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    header: bool = True
    timezone: str | None = None
    empty: Sequence[str] = field(default_factory=tuple)

    def content(self) -> bytes:
        rows = [[cell(one) for cell in self.columns.values()] for one in incidents(*self.place)]
        lines = [*self.before, *([self.delimiter.join(self.columns)] if self.header else [])]
        lines += [self.delimiter.join(row) for row in rows] + list(self.after)
        return ("\n".join(lines) + "\n").encode(self.encoding)


def word(*words: str) -> Cell:
    return lambda one: words[one.kind % len(words)]


def area(*words: str) -> Cell:
    return lambda one: words[one.area % len(words)]


def at(form: str) -> Cell:
    return lambda one: one.when.strftime(form)


def later(form: str, hours: int = 30) -> Cell:
    return lambda one: (one.when + timedelta(hours=hours)).strftime(form)


def number(form: str) -> Cell:
    return lambda one: form.format(one.number)


def lat(form: str = "{:.6f}", comma: bool = False) -> Cell:
    return lambda one: form.format(one.lat).replace(".", "," if comma else ".")


def lon(form: str = "{:.6f}", comma: bool = False) -> Cell:
    return lambda one: form.format(one.lon).replace(".", "," if comma else ".")


_TREES = ("Oak", "Elm", "Ash", "Fir", "Yew", "Birch", "Alder", "Rowan", "Holly")
LAYOUTS = (
    Layout(
        "germany, semicolon, decimal comma, compound names",
        (52.52, 13.40),
        {
            "Vorgangsnummer": number("2022-{:05d}"),
            "Tatzeit von": at("%d.%m.%Y %H:%M"),
            "Tatzeit bis": later("%d.%m.%Y %H:%M", 3),
            "Anzeigedatum": later("%d.%m.%Y"),
            "Deliktsart": word("Diebstahl", "Körperverletzung", "Raub", "Einbruch"),
            "Straße": lambda one: f"Hauptstraße {one.number % 90}",
            "Ortsteil": area("Mitte", "Wedding", "Moabit", "Pankow"),
            "Breitengrad": lat(comma=True),
            "Längengrad": lon(comma=True),
        },
        {
            "id": "Vorgangsnummer",
            "occurred_from": "Tatzeit von",
            "occurred_to": "Tatzeit bis",
            "reported": "Anzeigedatum",
            "type": "Deliktsart",
            "block": "Straße",
            "area": "Ortsteil",
            "lat": "Breitengrad",
            "lon": "Längengrad",
        },
        delimiter=";",
        timezone="Europe/Berlin",
    ),
    Layout(
        "mexico, windows-1252, date and time apart",
        (19.43, -99.13),
        {
            "idCarpeta": number("{:07d}"),
            "fecha_hecho": at("%d/%m/%Y"),
            "hora_hecho": at("%H:%M"),
            "fecha_inicio_denuncia": later("%d/%m/%Y"),
            "delito": word("ROBO A TRANSEÚNTE", "HOMICIDIO DOLOSO", "FRAUDE", "LESIONES"),
            "categoría": word("ROBO", "HOMICIDIO", "FRAUDE", "LESIONES"),
            "colonia_hecho": area("CENTRO", "DOCTORES", "ROMA NORTE", "OBRERA"),
            "latitud": lat(),
            "longitud": lon(),
        },
        {
            "id": "idCarpeta",
            "occurred_from": "fecha_hecho",
            "occurred_from.time": "hora_hecho",
            "reported": "fecha_inicio_denuncia",
            "type": "categoría",
            "description": "delito",
            "area": "colonia_hecho",
            "lat": "latitud",
            "lon": "longitud",
        },
        encoding="cp1252",
        timezone="America/Mexico_City",
    ),
    Layout(
        "france, tab, hours with h",
        (48.86, 2.35),
        {
            "n_dossier": number("A{:06d}"),
            "date_fait": at("%d/%m/%Y"),
            "heure_fait": at("%Hh%M"),
            "libellé infraction": word("Vol à la tire", "Cambriolage", "Agression", "Escroquerie"),
            "arrondissement": lambda one: f"{one.area + 1}e",
            "latitude": lat(),
            "longitude": lon(),
        },
        {
            "id": "n_dossier",
            "occurred_from": "date_fait",
            "occurred_from.time": "heure_fait",
            "type": "libellé infraction",
            "district": "arrondissement",
            "lat": "latitude",
            "lon": "longitude",
        },
        delimiter="\t",
        timezone="Europe/Paris",
    ),
    Layout(
        "brazil, report of a crime",
        (-23.55, -46.63),
        {
            "NUM_BO": number("{:06d}/2022"),
            "DATA_OCORRENCIA": at("%d/%m/%Y"),
            "HORA_OCORRENCIA": at("%H:%M:%S"),
            "DATA_REGISTRO": later("%d/%m/%Y"),
            "NATUREZA": word("FURTO", "ROUBO", "HOMICÍDIO", "ESTELIONATO"),
            "LOGRADOURO": lambda one: f"RUA AUGUSTA {one.number % 80}",
            "BAIRRO": area("SE", "MOOCA", "PINHEIROS", "LAPA"),
            "LATITUDE": lat(),
            "LONGITUDE": lon(),
        },
        {
            "id": "NUM_BO",
            "occurred_from": "DATA_OCORRENCIA",
            "occurred_from.time": "HORA_OCORRENCIA",
            "reported": "DATA_REGISTRO",
            "type": "NATUREZA",
            "block": "LOGRADOURO",
            "area": "BAIRRO",
            "lat": "LATITUDE",
            "lon": "LONGITUDE",
        },
        timezone="America/Sao_Paulo",
    ),
    Layout(
        "japan, CP932, day and hour in columns of their own",
        (35.68, 139.76),
        {
            "罪名": word("窃盗", "強盗", "傷害", "詐欺"),
            "手口": word("ひったくり", "強盗", "傷害", "詐欺"),
            "管轄警察署": area("丸の内", "神田", "麹町"),
            "町丁目": area("丸の内一丁目", "神田二丁目", "麹町三丁目"),
            "発生年月日": at("%Y-%m-%d"),
            "発生時": lambda one: str(one.when.hour),
        },
        {
            "occurred_from": "発生年月日",
            "occurred_from.time": "発生時",
            "type": "罪名",
            "description": "手口",
            "district": "管轄警察署",
            "area": "町丁目",
        },
        encoding="cp932",
    ),
    Layout(
        "taiwan, years of the western calendar",
        (25.03, 121.56),
        {
            "編號": number("{}"),
            "案類": word("住宅竊盜", "汽車竊盜", "搶奪", "詐欺"),
            "發生日期": at("%Y/%m/%d"),
            "發生時間": at("%H:%M"),
            "發生地點": lambda one: f"臺北市中正區廈門街{one.number}號",
            "緯度": lat(),
            "經度": lon(),
        },
        {
            "id": "編號",
            "type": "案類",
            "occurred_from": "發生日期",
            "occurred_from.time": "發生時間",
            "block": "發生地點",
            "lat": "緯度",
            "lon": "經度",
        },
        timezone="Asia/Taipei",
    ),
    Layout(
        "denmark, hours with a dot",
        (55.68, 12.57),
        {
            "Journalnr": number("0100-{:05d}"),
            "Gerningsdato": at("%d-%m-%Y"),
            "Klokkeslæt": at("%H.%M"),
            "Anmeldelsesdato": later("%d-%m-%Y"),
            "Forbrydelse": word("Tyveri", "Indbrud", "Vold", "Røveri"),
            "Gade": lambda one: f"Vestergade {one.number % 70}",
            "Bydel": area("Indre By", "Vesterbro", "Amager"),
            "Breddegrad": lat(comma=True),
            "Længdegrad": lon(comma=True),
        },
        {
            "id": "Journalnr",
            "occurred_from": "Gerningsdato",
            "occurred_from.time": "Klokkeslæt",
            "reported": "Anmeldelsesdato",
            "type": "Forbrydelse",
            "block": "Gade",
            "area": "Bydel",
            "lat": "Breddegrad",
            "lon": "Længdegrad",
        },
        delimiter=";",
        timezone="Europe/Copenhagen",
    ),
    Layout(
        "netherlands, one column of points",
        (52.37, 4.90),
        {
            "zaaknummer": number("PL{:06d}"),
            "pleegdatum": at("%d-%m-%Y"),
            "soort misdrijf": word("Diefstal", "Inbraak woning", "Mishandeling", "Vernieling"),
            "wijk": area("Centrum", "Noord", "West"),
            "geo_point": lambda one: f"{one.lat:.5f}, {one.lon:.5f}".join('""'),
        },
        {
            "id": "zaaknummer",
            "occurred_from": "pleegdatum",
            "type": "soort misdrijf",
            "area": "wijk",
            "point": "geo_point",
        },
        timezone="Europe/Amsterdam",
    ),
    Layout(
        "england, months only, no id",
        (51.51, -0.12),
        {
            "Month": at("%Y-%m"),
            "Reported by": word("Metropolitan Police Service"),
            "Falls within": word("Metropolitan Police Service"),
            "Longitude": lon(),
            "Latitude": lat(),
            "Location": lambda one: f"On or near {_TREES[one.number % 9]} Street",
            "LSOA code": area("E01000001", "E01000002", "E01000003"),
            "LSOA name": area("City 001A", "City 001B", "City 001C"),
            "Crime type": word("Burglary", "Robbery", "Anti-social behaviour", "Vehicle crime"),
        },
        {
            "occurred_from": "Month",
            "type": "Crime type",
            "block": "Location",
            "district": "Falls within",
            "area": "LSOA name",
            "lat": "Latitude",
            "lon": "Longitude",
        },
        timezone="Europe/London",
    ),
    Layout(
        "lines before the header, totals after the rows",
        (39.10, -94.58),
        {
            "Report Number": number("KC22-{:06d}"),
            "From Date": at("%m/%d/%Y"),
            "From Time": at("%H%M"),
            "To Date": later("%m/%d/%Y", 2),
            "To Time": later("%H%M", 2),
            "Offense": word("Stealing", "Burglary", "Robbery", "Assault"),
            "Beat": lambda one: f"{one.area + 110}",
            "Latitude": lat(),
            "Longitude": lon(),
        },
        {
            "id": "Report Number",
            "occurred_from": "From Date",
            "occurred_from.time": "From Time",
            "occurred_to": "To Date",
            "occurred_to.time": "To Time",
            "type": "Offense",
            "beat": "Beat",
            "lat": "Latitude",
            "lon": "Longitude",
        },
        before=("Police Department", "Created 2023-01-02 by the records unit", ""),
        after=("Total,240,,,,,,,",),
        timezone="America/Chicago",
    ),
    Layout(
        "year, month name and day apart",
        (49.28, -123.12),
        {
            "TYPE": word("Theft of Bicycle", "Mischief", "Break and Enter", "Assault"),
            "YEAR": at("%Y"),
            "MONTH": at("%B"),
            "DAY": lambda one: str(one.when.day),
            "HOUR": lambda one: str(one.when.hour),
            "MINUTE": lambda one: str(one.when.minute),
            "HUNDRED_BLOCK": lambda one: f"{one.number % 30}XX MAIN ST",
            "NEIGHBOURHOOD": area("West End", "Sunset", "Kitsilano"),
            "LATITUDE": lat(),
            "LONGITUDE": lon(),
        },
        {
            "occurred_from.year": "YEAR",
            "occurred_from.month": "MONTH",
            "occurred_from.day": "DAY",
            "occurred_from.hour": "HOUR",
            "occurred_from.minute": "MINUTE",
            "type": "TYPE",
            "block": "HUNDRED_BLOCK",
            "area": "NEIGHBOURHOOD",
            "lat": "LATITUDE",
            "lon": "LONGITUDE",
        },
        timezone="America/Vancouver",
    ),
    Layout(
        "no header line",
        (41.85, -87.65),
        {
            "a": number("HX{:06d}"),
            "b": at("%m/%d/%Y %I:%M:%S %p"),
            "c": word("THEFT", "BATTERY", "ROBBERY", "NARCOTICS"),
            "d": lambda one: f"{one.number % 50:03d}XX N CLARK ST",
            "e": lat(),
            "f": lon(),
        },
        {
            "id": "column 1",
            "occurred_from": "column 2",
            "type": "column 3",
            "block": "column 4",
            "lat": "column 5",
            "lon": "column 6",
        },
        header=False,
        timezone="America/Chicago",
    ),
    Layout(
        "latitude and longitude exchanged",
        (33.75, -84.39),
        {
            "Incident Number": number("22{:07d}"),
            "Occur Date Time": at("%Y-%m-%d %H:%M:%S.000"),
            "NIBRS Offense": word("Larceny", "Aggravated Assault", "Robbery", "Arson"),
            "Zone": lambda one: str(one.area + 1),
            "Latitude": lon(),
            "Longitude": lat(),
        },
        {
            "id": "Incident Number",
            "occurred_from": "Occur Date Time",
            "type": "NIBRS Offense",
            "district": "Zone",
            "lat": "Longitude",
            "lon": "Latitude",
        },
        timezone="America/New_York",
    ),
    Layout(
        "finland, flags in the language",
        (60.17, 24.94),
        {
            "Tunnus": number("R{:05d}"),
            "Tapahtumapäivä": at("%d.%m.%Y"),
            "Kellonaika": at("%H:%M"),
            "Rikoslaji": word("Varkaus", "Pahoinpitely", "Ryöstö", "Petos"),
            "Pidätetty": lambda one: "kyllä" if one.kind else "ei",
            "Kaupunginosa": area("Kallio", "Töölö", "Pasila"),
            "Leveysaste": lat(),
            "Pituusaste": lon(),
        },
        {
            "id": "Tunnus",
            "occurred_from": "Tapahtumapäivä",
            "occurred_from.time": "Kellonaika",
            "type": "Rikoslaji",
            "arrest": "Pidätetty",
            "area": "Kaupunginosa",
            "lat": "Leveysaste",
            "lon": "Pituusaste",
        },
        timezone="Europe/Helsinki",
    ),
    Layout(
        "italy and placeholders",
        (41.90, 12.50),
        {
            "id": number("{:08x}"),
            "data_reato": at("%d/%m/%Y"),
            "ora_reato": at("%H:%M"),
            "tipo_reato": word("Furto", "Rapina", "Lesioni", "Truffa"),
            "indirizzo": lambda one: f"Via Roma {one.number % 40}",
            "quartiere": lambda one: "n/a" if one.area == 0 else f"Rione {one.area}",
            "lat": lambda one: "0" if one.area == 1 else f"{one.lat:.6f}",
            "lon": lambda one: "0" if one.area == 1 else f"{one.lon:.6f}",
        },
        {
            "id": "id",
            "occurred_from": "data_reato",
            "occurred_from.time": "ora_reato",
            "type": "tipo_reato",
            "block": "indirizzo",
            "area": "quartiere",
            "lat": "lat",
            "lon": "lon",
        },
        timezone="Europe/Rome",
        empty=("n/a",),
    ),
    Layout(
        "new york, two times apart and a precinct",
        (40.75, -73.98),
        {
            "CMPLNT_NUM": number("{:09d}"),
            "CMPLNT_FR_DT": at("%m/%d/%Y"),
            "CMPLNT_FR_TM": at("%H:%M:%S"),
            "CMPLNT_TO_DT": later("%m/%d/%Y", 2),
            "CMPLNT_TO_TM": later("%H:%M:%S", 2),
            "ADDR_PCT_CD": lambda one: str(one.area + 10),
            "RPT_DT": later("%m/%d/%Y"),
            "KY_CD": lambda one: str(one.kind + 341),
            "OFNS_DESC": word("PETIT LARCENY", "ROBBERY", "FELONY ASSAULT", "BURGLARY"),
            "PD_CD": lambda one: str(one.kind + 109),
            "PD_DESC": word('"LARCENY,PETIT"', '"ROBBERY,STREET"', "ASSAULT 2", '"BURGLARY,HOME"'),
            "LAW_CAT_CD": word("MISDEMEANOR", "FELONY"),
            "BORO_NM": area("MANHATTAN", "BRONX", "QUEENS"),
            "PREM_TYP_DESC": area("STREET", "RESIDENCE - APT. HOUSE", "BAR/NIGHT CLUB", "STORE"),
            "Latitude": lat(),
            "Longitude": lon(),
        },
        {
            "id": "CMPLNT_NUM",
            "occurred_from": "CMPLNT_FR_DT",
            "occurred_from.time": "CMPLNT_FR_TM",
            "occurred_to": "CMPLNT_TO_DT",
            "occurred_to.time": "CMPLNT_TO_TM",
            "reported": "RPT_DT",
            "type": "OFNS_DESC",
            "description": "PD_DESC",
            "code": "PD_CD",
            "location_type": "PREM_TYP_DESC",
            "district": "ADDR_PCT_CD",
            "area": "BORO_NM",
            "lat": "Latitude",
            "lon": "Longitude",
        },
        timezone="America/New_York",
    ),
    Layout(
        "seattle, NIBRS",
        (47.61, -122.33),
        {
            "Report Number": lambda one: f"2022-{one.number // 2:06d}",
            "Offense ID": number("{:011d}"),
            "Offense Start DateTime": at("%m/%d/%Y %I:%M:%S %p"),
            "Offense End DateTime": later("%m/%d/%Y %I:%M:%S %p", 1),
            "Report DateTime": later("%m/%d/%Y %I:%M:%S %p"),
            "Crime Against Category": word("PROPERTY", "PERSON", "SOCIETY"),
            "Offense Parent Group": word("LARCENY-THEFT", "ASSAULT OFFENSES", "ROBBERY"),
            "Offense": word("Theft From Vehicle", "Simple Assault", "Robbery", "Shoplifting"),
            "Offense Code": word("23F", "13B", "120", "23C"),
            "Precinct": area("W", "E", "N"),
            "Beat": area("M1", "M2", "E1", "E2", "N1", "N2"),
            "MCPP": area("BALLARD", "CAPITOL HILL", "QUEEN ANNE"),
            "100 Block Address": lambda one: f"{one.number % 40}XX BLOCK OF PIKE ST",
            "Longitude": lon(),
            "Latitude": lat(),
        },
        {
            "id": "Offense ID",
            "case_number": "Report Number",
            "occurred_from": "Offense Start DateTime",
            "occurred_to": "Offense End DateTime",
            "reported": "Report DateTime",
            "type": "Offense Parent Group",
            "description": "Offense",
            "code": "Offense Code",
            "district": "Precinct",
            "beat": "Beat",
            "block": "100 Block Address",
            "lat": "Latitude",
            "lon": "Longitude",
        },
        timezone="America/Los_Angeles",
    ),
    Layout(
        "chicago, without ids",
        (41.85, -87.65),
        {
            "CASE#": number("JE{:06d}"),
            "DATE  OF OCCURRENCE": at("%m/%d/%Y %I:%M:%S %p"),
            "BLOCK": lambda one: f"{one.number % 50:03d}XX S DREXEL AVE",
            " IUCR": word("0820", "0460", "0320", "0610"),
            " PRIMARY DESCRIPTION": word("THEFT", "BATTERY", "ROBBERY", "BURGLARY"),
            " SECONDARY DESCRIPTION": lambda one: (
                f"{['$500', 'SIMPLE', 'STRONG', 'FORCIBLE'][one.kind]} {one.area}"
            ),
            " LOCATION DESCRIPTION": area("STREET", "APARTMENT", "SIDEWALK", "RESIDENCE"),
            "ARREST": lambda one: "Y" if one.kind else "N",
            "DOMESTIC": lambda one: "Y" if one.area else "N",
            "BEAT": lambda one: str(630 + one.area),
            "WARD": lambda one: str(one.area + 1),
            "FBI CD": word("06", "08B", "03", "05"),
            "LATITUDE": lat(),
            "LONGITUDE": lon(),
            "LOCATION": lambda one: f'"({one.lat:.6f}, {one.lon:.6f})"',
        },
        {
            "id": "CASE#",
            "occurred_from": "DATE  OF OCCURRENCE",
            "block": "BLOCK",
            "code": "IUCR",
            "type": "PRIMARY DESCRIPTION",
            "description": "SECONDARY DESCRIPTION",
            "location_type": "LOCATION DESCRIPTION",
            "arrest": "ARREST",
            "domestic": "DOMESTIC",
            "beat": "BEAT",
            "ward": "WARD",
            "fbi_code": "FBI CD",
            "lat": "LATITUDE",
            "lon": "LONGITUDE",
        },
        timezone="America/Chicago",
    ),
    Layout(
        "fbi, incidents of a state",
        (0, 0),
        {
            "data_year": at("%Y"),
            "agency_id": lambda one: str(one.area + 1000),
            "incident_id": number("1{:07d}"),
            "nibrs_month_id": at("77%m"),
            "submission_date": later("%Y-%m-%d", 900),
            "incident_date": at("%Y-%m-%d"),
            "report_date_flag": lambda one: "" if one.kind else "R",
            "incident_hour": lambda one: str(one.when.hour),
            "cleared_except_id": word("6", "1"),
        },
        {
            "id": "incident_id",
            "occurred_from": "incident_date",
            "occurred_from.time": "incident_hour",
        },
    ),
)
