"""What the API says of devices, and what it takes to attach them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gebaeude.api.parameters import KEY, LINE, Moment
from gebaeude.api.schemas import Record
from gebaeude.model import Kind, Medium, Reason

LONGEST_FIELD = 200  # characters
MOST_FIELDS = 500  # of one device in one claim
_MONTH_S = 31 * 86400

Key = Annotated[str, Field(pattern=KEY, max_length=60)]
Line = Annotated[str, Field(pattern=LINE, min_length=1, max_length=LONGEST_FIELD)]
Factor = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class Device(Record):
    format: str = Field(examples=["chirpstack"])
    device: str = Field(description="What it calls itself.", examples=["24e124707c044108"])
    name: str = Field(examples=["AM307 Büro 1.12"])
    building: str = Field(description="Key of its building.", examples=["barntrup-rathaus"])
    building_name: str = Field(examples=["Rathaus Barntrup"])
    profile: str | None = Field(description="What kind it is.", examples=["milesight-am307"])
    heard_at: datetime | None = Field(description="When it was heard last; null: not yet.")
    battery: float | None = Field(description="State of its battery, where it tells.")
    battery_unit: str | None = Field(description="%, V or mV.", examples=["%"])
    signal: float | None = Field(
        description="Strength of its radio, where its messages tell; that of the best gateway."
    )
    signal_unit: str | None = Field(
        description="dBm (negative), % or LQI (0 to 255, Zigbee).", examples=["dBm"]
    )
    points: list[str] = Field(description="Keys of the points it feeds now.")
    waiting: int = Field(description="Messages of it that are kept and are no readings.")
    unread: bool = Field(description="It was attached, and these are just being read.")


class Attachment(Record):
    field: str = Field(examples=["temperature"])
    since: datetime | None = Field(description="null: from the beginning.")
    until: datetime | None = Field(description="Not included; null: until further notice.")
    building: str | None = Field(description="Key of the building; null: not wanted.")
    point: str | None = Field(description="Key of the point; null: not wanted.")
    point_name: str | None
    unit: str | None = Field(description="What it sends, where its messages do not say.")
    factor: float = Field(description="Value of the point = value sent × factor.")


class DeviceEvent(BaseModel):
    at: datetime
    actor: str
    text: str = Field(description="What was done, in German.")


class DeviceDetail(Device):
    channels: list[Attachment] = Field(description="All that is and was attached.")
    history: list[DeviceEvent] = Field(description="Newest first.")


class Waiting(Record):
    format: str = Field(examples=["chirpstack"])
    device: str = Field(description="What it calls itself.", examples=["24e124707c044108"])
    known: bool = Field(description="It is attached, and sends more than that.")
    name: str | None = Field(description="Its name, where it is known.")
    building: str | None = Field(description="Key of its building, where it is known.")
    messages: int = Field(description="How many messages are kept of it.")
    first_at: datetime | None = Field(description="When the first of them came.")
    last_at: datetime | None = Field(description="When the last of them came.")
    reasons: list[Reason]
    withdrawn: int = Field(description="Readings of attachments that were undone.")
    unread: bool = Field(description="It was attached, and what is kept is just being read.")


class Value(Record):
    field: str = Field(examples=["temperature"])
    value: float = Field(examples=[21.5])
    unit: str | None = Field(description="Where the message or its decoder tells it.")
    time: datetime | None
    point: str | None = Field(description="building/point that it feeds now.")


class Guess(Record):
    profile: str = Field(examples=["milesight-am307"])
    name: str = Field(examples=["Milesight AM307"])
    score: float = Field(description="0 to 1.", examples=[0.9])


class Suggestion(Record):
    field: str = Field(examples=["temperature"])
    wanted: bool = Field(description="It is a quantity of a building.")
    name: str = Field(description="For people, German.", examples=["Temperatur"])
    medium: Medium | None
    quantity: str | None = Field(examples=["temperature"])
    kind: Kind | None
    unit: str | None = Field(description="To be named in the claim, where it is not null.")
    factor: float
    interval_s: int = Field(description="A value is expected so often [s].")


class Look(Waiting):
    topic: str = Field(description="Of the newest kept message.")
    hint: str = Field(description="What it or its network server says of its model.")
    values: list[Value] = Field(description="The newest kept value of each field.")
    guesses: list[Guess] = Field(description="What it may be, likeliest first.")
    decoded_by: str | None = Field(description="Profile whose decoder read its raw frames.")
    suggestions: list[Suggestion] = Field(description="What the profile says of each field.")


class Body(BaseModel):
    """What is needed; nothing else is taken."""

    model_config = ConfigDict(extra="forbid")


class NewPoint(Body):
    name: Line = Field(examples=["Temperatur Klasse 1a"])
    medium: Medium
    quantity: Line = Field(examples=["temperature"])
    kind: Kind
    interval_s: int = Field(ge=1, le=_MONTH_S, description="A value is expected so often [s].")
    space: Line | None = Field(None, description="The room.")


class Attach(Body):
    field: Line = Field(examples=["temperature"])
    point: Key = Field(description="Key of a point of the building.")
    unit: Line | None = Field(
        None, description="What the device sends, where its messages do not say."
    )
    factor: Factor = Field(1.0, description="Value of the point = value sent × factor.")
    new: NewPoint | None = Field(None, description="Where the point is to be made first.")


class Identity(Body):
    format: Line = Field(examples=["wmbusmeters"])
    device: Line = Field(examples=["33225544"])


class Claim(Body):
    building: Key = Field(examples=["barntrup-rathaus"])
    name: Line = Field(description="What people call the device.")
    attach: list[Attach] = Field([], max_length=MOST_FIELDS)
    ignore: list[Line] = Field([], max_length=MOST_FIELDS, description="Fields that nobody wants.")
    profile: Line | None = Field(None, examples=["milesight-am307"])
    since: Moment | None = Field(
        None, description="null: from where nothing is attached yet, else the beginning."
    )
    until: Moment | None = Field(None, description="Not included; null: until further notice.")
    replaces: Identity | None = Field(
        None, description="A device whose points it takes over, from `since` on."
    )


class Claimed(Record):
    attached: int = Field(description="Fields.")
    restored: int = Field(description="Withdrawn readings that are back.")
    checked: int = Field(description="Kept messages.")
    released: int = Field(description="Of these, that have left quarantine.")
    readings: int = Field(description="New readings of them, with their original times.")
    left: int = Field(description="Kept messages in which there is more than became readings.")
    text: str = Field(description="The same as a German sentence.")


class Release(Body):
    fields: list[Line] | None = Field(
        None, min_length=1, max_length=MOST_FIELDS, description="null: all of them."
    )
    start: Moment | None = Field(None, description="null: from the beginning.")
    end: Moment | None = Field(None, description="Not included; null: for good.")
    force: bool = Field(
        False, description="Also where another device feeds the same point in that time."
    )


class Released(Record):
    channels: int = Field(description="Attachments that were ended, cut or undone.")
    readings: int = Field(description="Readings that have left their points.")
    text: str = Field(description="The same as a German sentence.")
