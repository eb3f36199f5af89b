"""What the API answers with; each field explained, as it appears in the OpenAPI description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gebaeude.model import Kind, Medium, Reason, Severity, TicketState, Use
from gebaeude.reports.records import Band, Condition

Finite = Annotated[float | None, BeforeValidator(lambda value: value if value == value else None)]


class Record(BaseModel):
    """Reads its fields from the records of the reports and the store."""

    model_config = ConfigDict(from_attributes=True)


class Municipality(Record):
    key: str = Field(description="Short name in addresses.", examples=["barntrup"])
    name: str = Field(examples=["Barntrup"])
    ags: str = Field(
        description="Amtlicher Gemeindeschlüssel, eight digits.", examples=["05766012"]
    )
    population: int = Field(examples=[8520])
    buildings: int = Field(description="How many buildings it has here.", examples=[9])
    floor_area_m2: float = Field(description="Their floor area [m²].", examples=[24_310.0])


class Consumption(Record):
    medium: Medium
    unit: str = Field(description="kWh or m3.", examples=["kWh"])
    value: float | None = Field(description="Consumption of yesterday; null: not known.")
    before: float | None = Field(description="The same weekday one week before.")
    change: float | None = Field(
        description="Relative change, of counters known on both days only: −0.12 is 12 % less.",
        examples=[-0.12],
    )
    counters: int = Field(description="How many counters there are.")
    known: int = Field(description="How many of them were known yesterday.")
    compared: int = Field(description="How many of them were known on both days.")
    share: float = Field(description="How much was measured and not interpolated, 0 to 1.")


class BuildingSummary(Record):
    key: str = Field(examples=["barntrup-rathaus"])
    name: str = Field(examples=["Rathaus Barntrup"])
    municipality: str = Field(description="Key of its municipality.", examples=["barntrup"])
    municipality_name: str = Field(examples=["Barntrup"])
    use: Use
    floor_area_m2: float = Field(description="Floor area [m²].", examples=[1820.0])
    built: int = Field(description="Year of construction.", examples=[1907])
    latitude: float = Field(examples=[51.9867])
    longitude: float = Field(examples=[9.1163])
    condition: Condition = Field(description="good, attention or critical.")
    reason: str = Field(description="Why it is not good, in German; empty where it is.")
    findings: int = Field(description="Open findings.")
    warnings: int = Field(description="Of these, warnings and critical ones.")
    critical: int = Field(description="Of these, critical ones.")
    tickets: int = Field(description="Tickets neither done nor cancelled.")
    points: int = Field(description="How many points it has.")
    silent: int = Field(description="How many of them have fallen silent.")
    newest: datetime | None = Field(description="Time of the newest reading.")
    consumption: list[Consumption] = Field(description="Yesterday, per medium.")


class Latest(Record):
    time: datetime = Field(examples=["2026-11-22T14:00:00Z"])
    value: Finite = Field(description="In the point's unit.", examples=[21.4])
    quality: int = Field(
        description="0 measured, 1 suspect, 2 substituted, 3 read by a person.", examples=[0]
    )


class Point(Record):
    building: str = Field(description="Key of the building.", examples=["barntrup-rathaus"])
    key: str = Field(description="Key in its building.", examples=["waerme"])
    name: str = Field(examples=["Wärmezähler Heizung"])
    space: str | None = Field(description="The room, where it has one.", examples=["Saal"])
    medium: Medium
    quantity: str = Field(examples=["energy"])
    unit: str = Field(description="Unit of all its readings.", examples=["kWh"])
    kind: Kind
    interval_s: int = Field(description="A value is expected so often [s].", examples=[900])
    within: str | None = Field(
        description="For a sub-meter: key of the counter its consumption runs through."
    )
    latest: Latest | None = Field(description="The newest reading; null: there never was one.")
    silent: bool = Field(description="Has sent before, and not for too long.")
    low: float | None = Field(description="Lower limit of its rule.", examples=[15.0])
    high: float | None = Field(description="Upper limit of its rule.", examples=[28.0])
    devices: list[str] = Field(description="Names of the devices that send it.")


class Room(Record):
    name: str = Field(examples=["Klasse 1a"])
    temperature: float | None = Field(description="[°C]", examples=[21.4])
    humidity: float | None = Field(description="[%]", examples=[44.0])
    co2: float | None = Field(description="[ppm]", examples=[980.0])
    time: datetime | None = Field(description="Time of the oldest value shown.")
    band: Band = Field(description="fine below 1000 ppm, unacceptable above 2000 ppm CO₂.")


class Asset(Record):
    key: str = Field(examples=["kessel"])
    name: str = Field(examples=["Gas-Brennwertkessel"])
    kind: str = Field(examples=["boiler"])
    cost_group: str = Field(description="DIN 276.", examples=["421"])
    installed: int | None = Field(description="Year.", examples=[2012])
    power_kw: float | None = Field(description="[kW]", examples=[120.0])


class Building(BuildingSummary):
    site: str = Field(description="Name of the site it stands on.")
    address: str = Field(examples=["Mittelstraße 38, 32683 Barntrup"])
    renovated: int | None = Field(description="Year of the last renovation.")
    sentence: str = Field(description="How it stands, in one or two German sentences.")
    rooms: list[Room] = Field(description="Latest room climate, worst air first.")
    assets: list[Asset]


class Reading(Record):
    time: datetime = Field(examples=["2026-11-22T14:00:00Z"])
    value: float | None = Field(description="In the point's unit.", examples=[184_220.5])
    quality: int = Field(
        description="0 measured, 1 suspect, 2 substituted, 3 read by a person.", examples=[0]
    )


class Readings(Record):
    building: str = Field(examples=["barntrup-rathaus"])
    point: str = Field(examples=["waerme"])
    unit: str = Field(examples=["kWh"])
    readings: list[Reading] = Field(description="In the order of time.")
    next: str | None = Field(
        description="Address of the next page; null on the last one.",
        examples=["/api/v1/points/barntrup-rathaus/waerme/readings?after=2026-11-22T14:00:00Z"],
    )


class QuarantineSummary(Record):
    id: int = Field(examples=[17])
    reason: Reason
    reason_text: str = Field(description="The reason in German.", examples=["Messwert fehlt"])
    detail: str = Field(description="What exactly, in English, for the log.")
    format: str | None = Field(description="Format of the message, where it was known.")
    device: str | None = Field(description="The device's own id, where the message told it.")
    topic: str = Field(description="MQTT topic; what is no UTF-8 stands as \\x.. .")
    size: int = Field(description="Bytes of the payload.")
    retained: bool = Field(description="Whether the broker had kept the message.")
    first_at: datetime = Field(description="When it came first.")
    last_at: datetime = Field(description="When it came last.")
    times: int = Field(description="How often it came.")


class QuarantinePage(BaseModel):
    messages: list[QuarantineSummary] = Field(description="The newest first.")
    next: str | None = Field(description="Address of the next page; null on the last one.")


class QuarantineMessage(QuarantineSummary):
    payload_base64: str = Field(
        description="The payload as it came, base64; at most 1 MiB of it.",
        json_schema_extra={"contentEncoding": "base64"},
    )
    payload_text: str = Field(description="The same as readable text, at most 16,384 characters.")
    topic_base64: str = Field(description="The topic as it came, base64.")


class Finding(Record):
    id: int = Field(examples=[42])
    rule: str = Field(description="limit or silent.", examples=["limit"])
    severity: Severity
    sentence: str = Field(description="What is wrong, in German.")
    building: str = Field(description="Key of the building.", examples=["barntrup-rathaus"])
    building_name: str
    point: str = Field(description="Key of the point.", examples=["waerme"])
    point_name: str
    opened_at: datetime
    closed_at: datetime | None = Field(description="null: still open.")
    ticket: str | None = Field(description="Number of its ticket.", examples=["A-2026-0042"])
    evidence: dict[str, Any] = Field(description="The numbers the finding rests on.")


class FindingPage(BaseModel):
    findings: list[Finding] = Field(description="The newest first.")
    next: str | None = Field(description="Address of the next page; null on the last one.")


class TicketSummary(Record):
    number: str = Field(examples=["A-2026-0042"])
    title: str
    state: TicketState
    priority: str = Field(description="low, normal or high.", examples=["normal"])
    skill: str = Field(examples=["heating"])
    building: str = Field(description="Key of the building.", examples=["barntrup-rathaus"])
    building_name: str
    municipality: str = Field(description="Key of the municipality.", examples=["barntrup"])
    technician: str | None = Field(description="Key of who has it.", examples=["m-brandt"])
    technician_name: str | None
    opened_at: datetime
    closed_at: datetime | None
    due_on: date | None = Field(description="Local day.")
    overdue: bool
    origin: str = Field(description="finding or plan.", examples=["finding"])


class TicketEvent(Record):
    at: datetime
    actor: str = Field(description="A person, or the rule or plan that acted.")
    kind: str = Field(examples=["state"])
    text: str = Field(description="What happened, in German.")
    comment: str | None


class Ticket(TicketSummary):
    task: str = Field(description="What is to be done.")
    address: str
    asset: str | None
    plan: str | None
    history: list[TicketEvent] = Field(description="Oldest first.")
    actions: list[str] = Field(description="What can be done now.", examples=[["take", "cancel"]])


class Live(BaseModel):
    status: str = Field("ok", description="The process answers.")


class Process(BaseModel):
    process: str = Field(description="ingest, worker or web.", examples=["ingest"])
    alive: bool = Field(description="Whether its last sign of life is recent.")
    age_s: float = Field(description="Seconds since its last sign of life.", examples=[1.2])


class Ready(BaseModel):
    status: str = Field(description="ready or not_ready.", examples=["ready"])
    database: bool = Field(description="The database answers.")
    migrated: bool = Field(description="The database has the schema this version expects.")
    processes: list[Process] = Field(description="Signs of life of the other processes.")
